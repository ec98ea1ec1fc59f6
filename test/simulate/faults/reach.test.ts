import { describe, expect, it } from "vitest";
import type { Command } from "../../../model/partition/command.ts";
import { changeServer, emptyPartition, type Partition, step } from "../../../model/partition/partition.ts";
import { reaches, takesMemory, tried, writes } from "../../../src/simulate/servers/reach.ts";
import { Ears, runSmall } from "../small.ts";

const call = { at: 1_000, partitions: 1, feedMax: 100 };
const register: Command = {
  ...call,
  ...{ kind: "register_node", node: "n", registration: "t", expected: null, maxJobs: 1, ttl: 5_000 },
  ...{ pools: [], languages: [], services: [] },
};
const reserve = (job: string): Command => ({ ...call, kind: "reserve_job", node: "n", job, lease: 1_000, seen: 0 });
const since = (sequence: number): Command => ({
  ...call,
  kind: "changes_since",
  since: { epoch: full.meta?.epoch ?? 0, sequence },
  limit: 10,
});
const sweep: Command = {
  ...call,
  kind: "sweep",
  retention: 1_000,
  limit: 10,
  jobLimit: 1_000,
  offset: 0,
  gap: 86_400_000,
  grace: 0,
  candidates: [],
};

const version = (sequence: number) => ({ epoch: 1, sequence });
const after = (commands: readonly Command[]): Partition =>
  commands.reduce((state, command) => step(state, command).state, emptyPartition);
/** One node with one job, which is all that it has room for. */
const full = after([register, reserve("a")]);

describe("what a server refuses that takes no writes", () => {
  it.each([
    ["a reserve that finds no room", full, reserve("b"), false],
    ["a reserve that is there already", full, reserve("a"), false],
    ["a sweep that finds nothing due, but notes that it ran", full, sweep, true],
    ["a question", full, since(0), false],
    ["an argument that is wrong", full, { ...reserve("b"), lease: -1 }, false],
    ["a reserve that has room", after([register]), reserve("a"), true],
    ["a question that begins an epoch", emptyPartition, since(0), true],
  ] as const)("%s", (_what, before, command, isWritten) => {
    expect(writes(tried(before, command))).toBe(isWritten);
  });
});

const leave: Command = { ...call, kind: "offline_node", node: "n", incarnation: version(1), retention: 1_000 };
const orphaned = after([register, reserve("a"), leave]);

describe("what a server refuses that has no memory left", () => {
  const acknowledge: Command = { ...call, kind: "ack_orphans", losses: [{ order: 1, version: version(3) }] };
  it.each([
    ["a sweep that finds nothing due, but notes that it ran", full, sweep, true],
    ["a release, which makes a change", full, { ...call, kind: "release_job", node: "n", job: "a" }, true],
    ["a reserve that finds no room", full, reserve("b"), false],
    ["an acknowledgement, which only removes", orphaned, acknowledge, false],
    ["an acknowledgement that begins an epoch", changeServer(orphaned), acknowledge, true],
  ] as const)("%s", (_what, before, command, isRefused) => {
    expect(writes(tried(before, command))).toBe(isRefused || command.kind === "ack_orphans");
    expect(takesMemory(tried(before, command))).toBe(isRefused);
  });
});

describe("whom a key of the wrong type meets", () => {
  it.each([
    ["meta", since(2), true],
    ["meta", { ...reserve("b"), lease: -1 }, false],
    ["feed", since(2), false],
    ["feed", since(1), true],
    ["feed", reserve("b"), false],
    ["feed", { ...call, kind: "release_job", node: "n", job: "a" }, true],
    ["expiry", sweep, true],
    ["expiry", reserve("b"), false],
    ["expiry", { ...register, registration: "u", expected: { epoch: 1, sequence: 1 } }, true],
  ] as const)("%s: %o", (key, command, isMet) => {
    expect(reaches(key, tried(full, command))).toBe(isMet);
  });
});

describe("a second store that goes along", () => {
  const nothing = {
    began() {},
    copied() {},
    ended() {},
    emptied() {},
    scriptsFlushed() {},
    entryDeleted() {},
    moved() {},
    refused() {},
  };
  const crash = [
    { kind: "redis_restart", at: 500, data: "lost" },
    { kind: "script_flush", at: 900 },
  ] as const;

  it("receives every step and every server, and changes nothing where it answers as the model does", async () => {
    const alone = await runSmall(crash);
    const ears = new Ears("stepped", "config_stepped", "refused");
    const seen: string[] = [];
    const witness = {
      ...nothing,
      began: (server: number) => seen.push(`begins ${server}`),
      ended: (server: number) => seen.push(`ends ${server}`),
      scriptsFlushed: (server: number) => seen.push(`forgets ${server}`),
      ran() {
        seen.push("ran");
        return null;
      },
      refused: () => seen.push("refused"),
    };
    const { hash } = await runSmall(crash, { witness, listeners: [ears] });
    expect(hash).toBe(alone.hash);
    const count = (what: string): number => seen.filter((one) => one === what).length;
    expect(count("ran")).toBe(ears.of("stepped").length + ears.of("config_stepped").length);
    expect(count("refused")).toBe(ears.of("refused").length);
    expect(seen.filter((one) => /^(begins|ends|forgets)/.test(one))).toEqual([
      "begins 1",
      "ends 1",
      "begins 2",
      "forgets 2",
    ]);
  });

  it("shows in the trace where it says something else", async () => {
    const alone = await runSmall();
    const witness = {
      ...nothing,
      ran: (_: unknown, { reply }: { readonly reply: { readonly kind: string } }) =>
        reply.kind === "reserved" ? { kind: "full", version: { epoch: "0".repeat(16), sequence: 1 } } : null,
    };
    expect((await runSmall([], { witness })).hash).not.toBe(alone.hash);
  });
});
