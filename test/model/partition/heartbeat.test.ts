import { describe, expect, it } from "vitest";
import type { Command } from "../../../model/partition/command.ts";
import { command, lastOf, metrics, version } from "./commands.ts";

const registered = command("register_node");
const heartbeat = (said: Parameters<typeof command<"heartbeat">>[1] = {}) => command("heartbeat", said);

describe("heartbeat", () => {
  it("stores what the node says and takes no version", () => {
    const { state, reply, changes } = lastOf([registered, heartbeat({ at: 1080, seq: 3 })]);
    expect(reply).toEqual({ kind: "renewed", version: version(1), unknownJobs: [] });
    expect(changes).toEqual([]);
    expect(state.nodes.get("n")).toMatchObject({ heartbeatSeq: 3, metrics, expiresAt: 1180, version: version(1) });
  });

  it("stores which metrics are not known", () => {
    const some = { ...metrics, cpu: null, load: null };
    const { state } = lastOf([registered, heartbeat({ metrics: some })]);
    expect(state.nodes.get("n")?.metrics).toEqual(some);
  });

  it.each<[string, readonly Command[], string]>([
    ["unknown_node", [], "unknown_node"],
    ["superseded for another life", [registered, command("register_node", { registration: "t2" })], "superseded"],
    ["superseded for a life gone", [...offlineAgain()], "superseded"],
    ["not_online", [registered, command("offline_node")], "not_online"],
    ["already", [registered, heartbeat({ seq: 5 })], "already"],
    ["stale", [registered, heartbeat({ seq: 6 })], "stale"],
    ["stale after a further chunk", [registered, heartbeat({ seq: 5 }), heartbeat({ seq: 5, chunk: 2 })], "stale"],
    ["stale after a chunk that came first", [registered, heartbeat({ seq: 5, chunk: 1 })], "stale"],
  ])("answers %s and changes nothing", (_, before, kind) => {
    const { state } = lastOf(before);
    const { state: next, reply, changes } = lastOf([...before, heartbeat({ seq: 5, at: 2000, healthMilli: 0 })]);
    expect(reply.kind).toBe(kind);
    expect(changes).toEqual([]);
    expect(next.nodes).toEqual(state.nodes);
  });

  it("names the current life to a node that speaks of another", () => {
    const { reply } = lastOf([registered, command("register_node", { registration: "t2" }), heartbeat()]);
    expect(reply).toEqual({ kind: "superseded", version: version(2), incarnation: version(2) });
  });

  it.each([
    [549, 500, []],
    [451, 500, []],
    [550, 550, [{ kind: "health", node: "n", healthMilli: 550 }]],
    [450, 450, [{ kind: "health", node: "n", healthMilli: 450 }]],
  ])("takes a health of %i for %i after 500", (healthMilli, stored, expected) => {
    const { state, changes } = lastOf([registered, heartbeat({ healthMilli })]);
    expect(changes).toEqual(expected);
    expect(state.nodes.get("n")).toMatchObject({ healthMilli: stored, version: version(1 + expected.length) });
  });

  it("renews the leases of a further chunk, and nothing else", () => {
    const jobs = [command("register_node", { maxJobs: 9 }), command("reserve_job", { job: "a", lease: 10 })];
    const before = lastOf([...jobs, heartbeat({ seq: 3, healthMilli: 900 })]);
    const further = heartbeat({ at: 1040, seq: 3, chunk: 7, healthMilli: 100, lease: 50, running: ["a", "z"] });
    const { state, reply, changes } = lastOf([...jobs, heartbeat({ seq: 3, healthMilli: 900 }), further]);
    expect(reply).toMatchObject({ kind: "renewed", unknownJobs: ["z"] });
    expect(changes).toEqual([]);
    expect(state.nodes.get("n")).toEqual({ ...before.state.nodes.get("n"), heartbeatChunk: 7 });
    expect(state.jobs.get("n")).toEqual(new Map([["a", 1090]]));
  });

  it("takes a chunk that comes before all others of its heartbeat for the heartbeat", () => {
    const { state } = lastOf([registered, heartbeat({ at: 1080, seq: 3, chunk: 1, healthMilli: 900 })]);
    const stored = { heartbeatSeq: 3, heartbeatChunk: 1, healthMilli: 900, expiresAt: 1180 };
    expect(state.nodes.get("n")).toMatchObject(stored);
  });

  it("lengthens the leases of the jobs it runs, shortens none, and names those it does not hold", () => {
    const { state, reply } = lastOf([
      command("register_node", { maxJobs: 9 }),
      command("reserve_job", { job: "short", lease: 10 }),
      command("reserve_job", { job: "long", lease: 90 }),
      command("reserve_job", { job: "silent", lease: 10 }),
      heartbeat({ lease: 50, running: ["z", "long", "short", "a"] }),
    ]);
    expect(reply).toMatchObject({ kind: "renewed", unknownJobs: ["z", "a"] });
    expect(state.jobs.get("n")).toEqual(
      new Map([
        ["short", 1050],
        ["long", 1090],
        ["silent", 1010],
      ]),
    );
  });

  it("saves a node that is past its time but not yet expired by a sweep", () => {
    const { state, reply } = lastOf([registered, heartbeat({ at: 9000 })]);
    expect(reply.kind).toBe("renewed");
    expect(state.nodes.get("n")).toMatchObject({ status: "online", expiresAt: 9100 });
  });
});

/** A second incarnation that has ended too: its own heartbeat gets not_online, that of the first one superseded. */
function offlineAgain(): readonly Command[] {
  return [
    registered,
    command("register_node", { registration: "t2" }),
    command("offline_node", { incarnation: version(2) }),
  ];
}
