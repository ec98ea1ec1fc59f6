import { describe, expect, it } from "vitest";
import type { Command } from "../../model/partition/command.ts";
import { changeServer, type Partition } from "../../model/partition/partition.ts";
import { stepAround } from "../../model/partition/rules/wrong-keys.ts";
import { command, lastOf, version } from "./partition/commands.ts";

const registered = command("register_node", { ttl: 10_000 });
const reserved = command("reserve_job");
const beat = (said: Parameters<typeof command<"heartbeat">>[1] = {}) =>
  command("heartbeat", { healthMilli: 900, ...said });
const sweep = (at: number, ...candidates: readonly string[]) => command("sweep", { at, candidates });

const around = (before: Partition, made: Command, ...wrong: readonly string[]) =>
  stepAround(before, made, new Set(wrong));
const busy = lastOf([registered, reserved]).state;

describe("a call that meets a key of a wrong type", () => {
  it.each<[string, Command, readonly string[]]>([
    ["meta, whatever is asked", command("changes_since", { limit: 0 }), ["meta"]],
    ["its node", command("reserve_job", { job: "k" }), ["node:n"]],
    ["the finished jobs", command("reserve_job", { job: "k" }), ["done:n"]],
    ["the index of leases", command("reserve_job", { job: "k" }), ["leases"]],
    ["the jobs that a heartbeat names", beat({ running: ["j"] }), ["jobs:n"]],
    ["the index of leases, which a renewal moves", beat({ running: ["j"], lease: 5_000 }), ["leases"]],
    [
      "the nodes, which a registration joins",
      command("register_node", { registration: "t2", expected: version(1) }),
      ["nodes"],
    ],
    ["the index of leases, which a node leaves", command("offline_node"), ["leases"]],
    ["the finished jobs of one that ends", command("complete_job"), ["done:n"]],
    ["the nodes of a page", command("snapshot"), ["nodes"]],
    ["the feed, of a reader that is behind", command("changes_since"), ["feed"]],
    ["an index of a sweep", sweep(2_000), ["expiry"]],
  ])("is refused, and changes nothing: %s", (_, made, wrong) => {
    const { changes, isWokenInVain, reply, state } = around(busy, made, ...wrong);
    expect({ changes, isWokenInVain, reply }).toEqual({
      changes: [],
      isWokenInVain: false,
      reply: { kind: "wrong_type" },
    });
    expect(state).toEqual(busy);
  });

  it("has published a wake-up in vain where it is the feed that a change needs", () => {
    const { isWokenInVain, reply, state } = around(busy, command("reserve_job", { job: "k" }), "feed");
    expect({ isWokenInVain, kind: reply.kind }).toEqual({ isWokenInVain: true, kind: "wrong_type" });
    expect(state).toEqual(busy);
  });

  it("has begun an epoch all the same, and with it a new feed", () => {
    const moved = changeServer(busy);
    const { reply, state, wrong } = around(moved, command("reserve_job", { job: "k" }), "feed", "leases");
    expect(reply).toEqual({ kind: "wrong_type" });
    expect(state.meta).toMatchObject({ epoch: 2, sequence: 0 });
    expect([...wrong]).toEqual(["leases"]);
  });
});

describe("a call that meets none", () => {
  it.each<[string, Command, readonly string[], string]>([
    ["another node's keys", beat(), ["jobs:m", "node:m", "done:m"], "renewed"],
    ["jobs, which it does not name", beat(), ["jobs:n", "leases", "done:n"], "renewed"],
    ["leases, which it does not move", beat({ running: ["j"], lease: 1 }), ["leases"], "renewed"],
    ["the nodes, as the node stays one of them", beat(), ["nodes"], "renewed"],
    ["the feed, without a change", beat({ healthMilli: 510 }), ["feed"], "renewed"],
    [
      "the feed, of a reader that is up to date",
      command("changes_since", { since: version(2), limit: 0 }),
      ["feed"],
      "changes",
    ],
    ["whatever comes after its rule", command("reserve_job"), ["node:n", "leases", "feed"], "already"],
    ["meta, as its arguments are refused first", command("reserve_job", { lease: 0 }), ["meta"], "invalid"],
  ])("goes on: %s", (_, made, wrong, kind) => {
    expect(around(busy, made, ...wrong)).toMatchObject({ reply: { kind }, isWokenInVain: false });
  });
});

describe("a page that meets one", () => {
  it("gives the other records, and says which it could not read", () => {
    const two = lastOf([registered, command("register_node", { node: "m", registration: "t2" })]).state;
    const asked = command("snapshot", { records: ["n", "m", "o"], limit: 9 });
    const { reply, state } = around(two, asked, "node:n", "node:x");
    expect(reply).toMatchObject({
      kind: "page",
      records: ["wrong_type", { status: "online" }, null],
      next: ["m", "n"],
    });
    expect(state).toEqual(two);
  });
});

describe("a sweep that meets one", () => {
  const both = lastOf([
    command("register_node", { ttl: 100 }),
    command("register_node", { ttl: 100, node: "m", registration: "t2" }),
  ]).state;

  it.each([
    ["jobs:m", "after it", ["n", "m"]],
    ["node:m", "before it", ["m", "n"]],
  ])("handles each candidate for itself: %s, %s", (key, _, candidates) => {
    const { changes, reply, state } = around(both, sweep(1_100, ...candidates), key);
    expect(reply).toMatchObject({ kind: "swept", expired: ["n"], failed: [{ node: "m", key }], due: [] });
    expect(changes).toEqual([{ kind: "expired", node: "n", orphaned: [] }]);
    expect([state.nodes.get("n")?.status, state.nodes.get("m")?.status]).toEqual(["expired", "online"]);
    expect(state.meta?.swept?.at).toBe(1_100);
    expect(around(both, command("sweep", { at: 1_100 }), key).reply).toMatchObject({ due: ["m", "n"] });
  });

  it("is refused where it is the feed that a change needs, and not for those that fail before it", () => {
    expect(around(both, sweep(1_100, "m"), "feed", "jobs:m").reply).toMatchObject({ kind: "swept" });
    const { isWokenInVain, reply, state } = around(both, sweep(1_100, "m", "n"), "feed", "jobs:m");
    expect({ isWokenInVain, kind: reply.kind }).toEqual({ isWokenInVain: true, kind: "wrong_type" });
    expect(state.nodes).toEqual(both.nodes);
  });

  it("deletes the keys of a node that it removes, whatever their type", () => {
    const gone = lastOf([sweep(1_100, "n", "m")], both).state;
    const { changes, wrong } = around(gone, sweep(3_000, "n", "m"), "jobs:n", "done:m", "jobs:o");
    expect(changes.map(({ kind }) => kind)).toEqual(["removed", "removed"]);
    expect([...wrong]).toEqual(["jobs:o"]);
  });
});
