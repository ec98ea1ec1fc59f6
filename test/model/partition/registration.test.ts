import { describe, expect, it } from "vitest";
import { command, enZh, lastOf, version } from "./commands.ts";

const register = (said: Parameters<typeof command<"register_node">>[1] = {}) => command("register_node", said);

describe("register_node", () => {
  it("begins a life: online, with nothing to run, in the first version of the first epoch", () => {
    const { state, reply, changes } = lastOf([register()]);
    expect(reply).toEqual({ kind: "registered", version: version(1), incarnation: version(1) });
    expect(state.nodes.get("n")).toEqual({
      status: "online",
      incarnation: version(1),
      version: version(1),
      registration: "t1",
      heartbeatSeq: -1,
      heartbeatChunk: 0,
      finished: 0,
      maxJobs: 2,
      currentJobs: 0,
      metrics: null,
      healthMilli: 500,
      services: ["s"],
      languages: [enZh],
      pools: ["p"],
      expiresAt: 1100,
    });
    expect(changes).toEqual([
      {
        kind: "registered",
        node: "n",
        incarnation: version(1),
        finished: 0,
        maxJobs: 2,
        pools: ["p"],
        languages: [enZh],
        services: ["s"],
        healthMilli: 500,
        orphaned: [],
      },
    ]);
  });

  it("answers already to a retry, with the incarnation of the first", () => {
    const { reply, changes } = lastOf([register(), command("reserve_job"), register({ maxJobs: 7 })]);
    expect(reply).toEqual({ kind: "already", version: version(2), incarnation: version(1) });
    expect(changes).toEqual([]);
  });

  it("answers superseded to a retry after the node went offline", () => {
    const { changes, reply } = lastOf([register(), command("offline_node"), register()]);
    expect(reply).toEqual({ kind: "superseded", version: version(2), incarnation: version(1) });
    expect(changes).toEqual([]);
  });

  const gone = command("offline_node", { retention: 1 });
  const sweep = command("sweep", { at: 5000, candidates: ["n"] });
  it.each([
    [
      "another one was to be replaced",
      [register(), register({ registration: "t2", expected: version(9) })],
      version(1),
    ],
    ["none was to be there", [register(), register({ registration: "t2", expected: null })], version(1)],
    [
      "it is one of a former incarnation, sent again",
      [register(), register({ registration: "t2" }), register({ expected: null })],
      version(2),
    ],
    [
      "it was overtaken",
      [register(), register({ registration: "t3" }), register({ registration: "t2", expected: version(1) })],
      version(2),
    ],
    ["the node is offline", [register(), gone, register({ registration: "t2", expected: null })], version(1)],
    [
      "the node has been removed",
      [register(), gone, sweep, register({ registration: "t2", expected: version(1) })],
      null,
    ],
  ])("answers conflict where %s, with the incarnation that there is", (_, commands, incarnation) => {
    const { changes, reply, state } = lastOf(commands);
    expect(reply).toMatchObject({ kind: "conflict", incarnation });
    expect(changes).toEqual([]);
    expect(state).toEqual(lastOf(commands.slice(0, -1)).state);
  });

  it("replaces the incarnation that its caller names, online or not", () => {
    expect(lastOf([register(), register({ registration: "t2", expected: version(1) })]).reply.kind).toBe("registered");
    expect(lastOf([register(), gone, register({ registration: "t2", expected: version(1) })]).reply.kind).toBe(
      "registered",
    );
    expect(lastOf([register(), gone, sweep, register({ registration: "t2", expected: null })]).reply.kind).toBe(
      "registered",
    );
  });

  it("orphans the former life's jobs by deadline, then bytes, and remembers what was finished", () => {
    const { state, changes } = lastOf([
      register({ maxJobs: 9 }),
      command("heartbeat", { healthMilli: 900 }),
      command("reserve_job", { job: "late", lease: 90 }),
      command("reserve_job", { job: "\u{1f600}", lease: 40 }),
      command("reserve_job", { job: "\uff5e", lease: 40 }),
      command("reserve_job", { job: "finished" }),
      command("complete_job", { job: "finished" }),
      register({ registration: "t2" }),
    ]);
    expect(changes).toMatchObject([{ kind: "registered", orphaned: ["\uff5e", "\u{1f600}", "late"] }]);
    expect(state.jobs.has("n")).toBe(false);
    expect(state.done.get("n")).toEqual(new Map([["finished", 1000]]));
    expect(state.nodes.get("n")).toMatchObject({ currentJobs: 0, heartbeatSeq: -1, healthMilli: 500, metrics: null });
  });
});
