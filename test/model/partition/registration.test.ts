import { describe, expect, it } from "vitest";
import { formerMax } from "../../../model/partition/rules/registration.ts";
import { command, enZh, lastOf, version, zhEn } from "./commands.ts";

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
      former: [],
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

  it.each([
    ["a retry after the node went offline", [register(), command("offline_node"), register()], version(1)],
    ["a call of a former life", [register(), register({ registration: "t2" }), register()], version(2)],
  ])("answers superseded to %s", (_, commands, incarnation) => {
    expect(lastOf(commands).reply).toEqual({ kind: "superseded", version: version(2), incarnation });
    expect(lastOf(commands).changes).toEqual([]);
  });

  it.each([
    ["a pool", { pools: [], languages: [enZh] }],
    ["a language", { pools: ["p"], languages: [zhEn] }],
  ])("asks for the node's own keys when %s to leave is not declared", (_, leave) => {
    const { reply, changes } = lastOf([register(), register({ registration: "t2", pools: [], languages: [], leave })]);
    expect(reply).toEqual({ kind: "keys_needed", version: version(1), pools: ["p"], languages: [enZh] });
    expect(changes).toEqual([]);
  });

  it("needs no keys of a node that has left already", () => {
    const again = register({ registration: "t2", pools: [], languages: [] });
    expect(lastOf([register(), command("offline_node"), again]).reply.kind).toBe("registered");
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

  it("remembers the last eight lives, oldest first", () => {
    const lives = Array.from({ length: formerMax + 2 }, (_, life) => register({ registration: `t${life}` }));
    const { state } = lastOf(lives);
    expect(state.nodes.get("n")?.former).toEqual(["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"]);
    expect(lastOf([...lives, register({ registration: "t0" })]).reply.kind).toBe("registered");
    expect(lastOf([...lives, register({ registration: "t1" })]).reply.kind).toBe("superseded");
  });
});
