import { describe, expect, it } from "vitest";
import type { Command } from "../../../model/partition/command.ts";
import { command, lastOf, version } from "./commands.ts";

const registered = command("register_node");
const reserve = command("reserve_job");
const complete = command("complete_job");
const release = command("release_job");

describe("reserve_job", () => {
  it("takes a place until the lease ends", () => {
    const { state, reply, changes } = lastOf([registered, reserve]);
    expect(reply).toEqual({ kind: "reserved", version: version(2) });
    expect(changes).toEqual([{ kind: "reserved", node: "n", job: "j", currentJobs: 1, leaseUntil: 1050 }]);
    expect(state.jobs.get("n")).toEqual(new Map([["j", 1050]]));
    expect(state.nodes.get("n")).toMatchObject({ currentJobs: 1, version: version(2), incarnation: version(1) });
  });

  const other = command("reserve_job", { job: "k" });
  it.each<[string, readonly Command[]]>([
    ["finished", [registered, reserve, complete]],
    ["finished", [registered, reserve, complete, command("offline_node")]], // before not_online
    ["already", [registered, reserve]],
    ["already", [command("register_node", { maxJobs: 1 }), reserve]], // before full
    ["not_online", []],
    ["not_online", [registered, command("offline_node")]],
    ["not_online", [command("register_node", { maxJobs: 0 }), command("offline_node")]], // before full
    ["full", [command("register_node", { maxJobs: 1 }), other]],
    ["full", [command("register_node", { maxJobs: 0 })]],
  ])("answers %s and changes nothing (%#)", (kind, before) => {
    const last = lastOf([...before, command("reserve_job", { at: 1001 })]);
    expect(last.reply.kind).toBe(kind);
    expect(last.changes).toEqual([]);
    expect(last.state.jobs).toEqual(lastOf(before).state.jobs);
  });
});

describe("a late reserve of a job that the node has forgotten", () => {
  const last = { doneMax: 1 };
  const both = ["j", "k"].flatMap((job, seen) => [
    command("reserve_job", { job, seen }),
    command("complete_job", { job, ...last }),
  ]);

  it("is refused, with what the node has finished, also once the node is gone", () => {
    const refused = { kind: "finished_unknown", finished: 2 };
    expect(lastOf([registered, ...both, reserve]).reply).toMatchObject(refused);
    expect(lastOf([registered, ...both, command("offline_node"), reserve]).reply).toMatchObject(refused);
    const again = command("register_node", { registration: "t2" });
    expect(lastOf([registered, ...both, again, reserve]).reply).toMatchObject(refused);
  });

  it("is taken where no job that was finished since is forgotten", () => {
    expect(lastOf([registered, ...both, command("reserve_job", { seen: 1 })]).reply.kind).toBe("reserved");
    expect(lastOf([registered, ...both, command("reserve_job", { job: "k", seen: 0 })]).reply.kind).toBe("finished");
  });

  it("is taken where the node was removed meanwhile: then nothing is known of it", () => {
    const gone = [command("offline_node", { retention: 1 })];
    const removed = command("sweep", { at: 5_000, grace: 0, candidates: ["n"] });
    const anew = command("register_node", { registration: "t2" });
    expect(lastOf([registered, ...both, ...gone, removed, anew, reserve]).reply.kind).toBe("reserved");
  });
});

describe("complete_job", () => {
  it("gives the place back and remembers the job", () => {
    const { state, reply, changes } = lastOf([registered, reserve, complete]);
    expect(reply).toEqual({ kind: "completed", version: version(3) });
    expect(changes).toEqual([{ kind: "completed", node: "n", job: "j", currentJobs: 0, finished: 1 }]);
    expect(state.jobs.has("n")).toBe(false);
    expect(state.done.get("n")).toEqual(new Map([["j", 1000]]));
    expect(state.nodes.get("n")).toMatchObject({ currentJobs: 0, version: version(3) });
  });

  it("answers completed to a retry, unknown to a job never held, and changes nothing", () => {
    expect(lastOf([registered, reserve, complete, complete])).toMatchObject({
      reply: { kind: "completed", version: version(3) },
      changes: [],
    });
    expect(lastOf([registered, complete])).toMatchObject({
      reply: { kind: "unknown", version: version(1) },
      changes: [],
    });
    expect(lastOf([complete])).toMatchObject({ reply: { kind: "unknown", version: version(0) }, changes: [] });
  });

  const finish = (job: string, said: Parameters<typeof command<"complete_job">>[1] = {}): readonly Command[] => [
    command("reserve_job", { job }),
    command("complete_job", { job, ...said }),
  ];
  it.each<[string, readonly Command[], readonly (readonly [string, number])[]]>([
    [
      "above the highest score in one instant",
      [...finish("a"), ...finish("b")],
      [
        ["a", 1000],
        ["b", 1001],
      ],
    ],
    [
      "above the highest score when the clock goes back",
      [...finish("a"), ...finish("b", { at: 400 })],
      [
        ["a", 1000],
        ["b", 1001],
      ],
    ],
    ["without those that are old enough", [...finish("a"), ...finish("b", { at: 1100, doneFor: 100 })], [["b", 1100]]],
    [
      "with those that are one too young",
      [...finish("a"), ...finish("b", { at: 1099, doneFor: 100 })],
      [
        ["a", 1000],
        ["b", 1099],
      ],
    ],
    [
      "without the lowest beyond the most",
      [...finish("a"), ...finish("b"), ...finish("c", { doneMax: 2 })],
      [
        ["b", 1001],
        ["c", 1002],
      ],
    ],
  ])("remembers a job %s", (_, commands, done) => {
    expect([...(lastOf([registered, ...commands]).state.done.get("n") ?? [])]).toEqual(done);
  });
});

describe("release_job", () => {
  it("gives the place back and forgets the job, which may be reserved again", () => {
    const released = lastOf([registered, reserve, release]);
    expect(released.reply).toEqual({ kind: "completed", version: version(3) });
    expect(released.changes).toEqual([{ kind: "released", node: "n", job: "j", currentJobs: 0 }]);
    expect(released.state.done.size).toBe(0);
    expect(lastOf([reserve], released.state).reply.kind).toBe("reserved");
    expect(lastOf([release], released.state)).toMatchObject({
      reply: { kind: "unknown", version: version(3) },
      changes: [],
    });
  });
});
