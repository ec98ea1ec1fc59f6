import { describe, expect, it } from "vitest";
import { ofKind } from "../../src/check/history.ts";
import { Recorder } from "../../src/inject/observe/recorder.ts";
import { Caller, readResult, writeResult } from "../../src/load/clients/caller.ts";
import { JobClient } from "../../src/load/clients/job-client.ts";
import { NodeAgent } from "../../src/load/clients/node-agent.ts";
import { Running } from "../../src/load/clients/running.ts";
import { namesOf } from "../../src/load/plan/names.ts";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import type { Failure } from "../../src/protocol/replies.ts";
import type { Scheduler } from "../../src/scheduler/scheduler.ts";

const atOnce = async (): Promise<void> => {};
const version = { epoch: "e1", sequence: 4 };

function failed(applied: Failure["applied"]): Failure {
  return { kind: "failed", applied, cause: "deadline", after: 30, message: "" };
}

function opened() {
  const recorder = new Recorder();
  recorder.begin();
  const caller = new Caller(recorder);
  return { recorder, caller, calls: () => ofKind(recorder.events, "call") };
}

/** Only what the test asks of a scheduler; anything else is a mistake of the test. */
function fake(parts: Partial<Scheduler>): Scheduler {
  return parts as Scheduler;
}

describe("a call", () => {
  it("is recorded with the answer that the client received", async () => {
    const { caller, calls } = opened();
    await caller.call(
      { instance: 1, op: "reserve_job", node: "n", job: "j" },
      () => ({ kind: "reserved", version }),
      writeResult,
    );
    expect(calls()).toMatchObject([{ instance: 1, op: "reserve_job", outcome: "ok", reply: "reserved", version }]);
  });

  it.each([
    ["no", "fail"],
    ["unknown", "info"],
  ] as const)("that failed and was applied: %s, comes to %s", (applied, outcome) => {
    expect(writeResult(failed(applied))).toEqual({ outcome, reply: "deadline" });
  });

  it("that throws is a failure with a name, not an end of the run", async () => {
    const { caller, calls } = opened();
    const thrown = () => Promise.reject(new TypeError("nothing there"));
    await caller.call({ instance: 0, op: "get_node", node: "n" }, thrown, readResult);
    expect(calls()).toMatchObject([{ outcome: "fail", reply: "threw TypeError: nothing there" }]);
  });

  it("that has no answer at the end is recorded as such, once, even if the answer comes later", async () => {
    const { caller, calls } = opened();
    const waiting = Promise.withResolvers<{ kind: string; version: typeof version }>();
    const running = caller.call({ instance: 0, op: "heartbeat", node: "n" }, () => waiting.promise, writeResult);
    caller.giveUp();
    waiting.resolve({ kind: "renewed", version });
    await running;
    expect(calls()).toMatchObject([{ to: null, outcome: "info", reply: "never returned" }]);
  });
});

describe("a client with jobs", () => {
  it("retries under the same id until the outcome is known, and ends the job where it was placed", async () => {
    const { caller, calls } = opened();
    const answers = [failed("unknown"), failed("unknown"), { kind: "already", version } as const];
    const scheduler = fake({
      reserveJob: async () => answers.shift() ?? failed("no"),
      completeJob: async () => ({ kind: "completed", version }),
    });
    const running = new Running();
    const client = new JobClient(caller, [scheduler], atOnce, running);
    await client.reserve(0, "n1", "j1");
    expect(running.on("n1")).toEqual(["j1"]);
    await client.finish(0, "j1", "complete_job");
    expect(calls().map(({ job, node, op, reply }) => [op, node, job, reply])).toEqual([
      ["reserve_job", "n1", "j1", "deadline"],
      ["reserve_job", "n1", "j1", "deadline"],
      ["reserve_job", "n1", "j1", "already"],
      ["complete_job", "n1", "j1", "completed"],
    ]);
    expect(running.on("n1")).toEqual([]);
  });

  it("gives up a reserve that was certainly not made, and has nothing to end then", async () => {
    const { caller, calls } = opened();
    const client = new JobClient(caller, [fake({ reserveJob: async () => failed("no") })], atOnce, new Running());
    await client.reserve(0, "n1", "j1");
    await client.finish(0, "j1", "complete_job");
    expect(calls()).toHaveLength(1);
  });

  it("asks on after a further try that was certainly not made: it says nothing of the one that may have been", async () => {
    const { caller, calls } = opened();
    const answers = [failed("unknown"), failed("no"), { kind: "already", version } as const];
    const reserveJob = async () => answers.shift() ?? failed("no");
    await new JobClient(caller, [fake({ reserveJob })], atOnce, new Running()).reserve(0, "n1", "j1");
    expect(calls().map(({ outcome, reply }) => [outcome, reply])).toEqual([
      ["info", "deadline"],
      ["fail", "deadline"],
      ["ok", "already"],
    ]);
  });

  it("stops asking when the load ends", async () => {
    const { caller, calls } = opened();
    const client = new JobClient(
      caller,
      [fake({ dispatch: async () => ({ ...failed("unknown"), node: "n1" }) })],
      atOnce,
      new Running(),
    );
    client.stop();
    await client.dispatch(0, "j1");
    expect(calls()).toMatchObject([{ op: "dispatch", job: "j1", node: "n1", outcome: "info" }]);
  });

  it("does not begin a job when its place becomes known only after its end", async () => {
    const { caller } = opened();
    const running = new Running();
    const reserved = Promise.withResolvers<{ kind: "reserved"; version: typeof version }>();
    const client = new JobClient(caller, [fake({ reserveJob: () => reserved.promise })], atOnce, running);
    const placing = client.reserve(0, "n1", "j1");
    await client.finish(0, "j1", "complete_job");
    reserved.resolve({ kind: "reserved", version });
    await placing;
    expect(running.on("n1")).toEqual([]);
  });
});

describe("a node", () => {
  function agentOn(scheduler: Scheduler) {
    const { caller, calls } = opened();
    const running = new Running();
    const names = namesOf({ pools: 2, languages: 2, services: 1 });
    const random = seededRandom(1);
    const streams = { draw: random("node"), offers: random("offers"), readings: random("readings") };
    const parts = { node: "n1", offer: 0, maxJobs: 2, maxJobsOnReturn: 1, instance: 0, names, ...streams };
    return { agent: new NodeAgent({ ...parts, scheduler, caller, running }), calls, running };
  }

  it("can run another number of jobs in every other incarnation", async () => {
    const registerNode = async (request: object) => {
      return { kind: "registered", version, incarnation: JSON.stringify(request) } as const;
    };
    const { agent, calls } = agentOn(fake({ registerNode }));
    for (let times = 0; times < 3; times += 1) await agent.register();
    expect(calls().map(({ offer }) => offer?.max_jobs)).toEqual([2, 1, 2]);
  });

  it.each(["unknown_node", "not_online"] as const)("registers anew when a heartbeat is answered %s", async (kind) => {
    const scheduler = fake({
      heartbeat: async () => ({ kind, version }),
      registerNode: async () => ({ kind: "registered", version, incarnation: "e1:4" }),
    });
    const { agent, calls } = agentOn(scheduler);
    await agent.beat();
    await agent.beat();
    expect(calls().map(({ op }) => op)).toEqual(["register_node", "heartbeat", "register_node"]);
  });

  it("replaces its last incarnation, and after a conflict, once at a time, the one that the store names", async () => {
    const stored = ["e1:7", "e1:8", null];
    const { agent, calls } = living({
      registerNode: async ({ expected }) => {
        const [next] = stored;
        if (expected === next || stored.length === 0)
          return { kind: "registered", version, incarnation: `e1:${20 + calls().length}` };
        return { kind: "conflict", version, incarnation: stored.shift() ?? null };
      },
    });
    await agent.register();
    await agent.beat();
    await agent.beat();
    expect(calls().map(({ expected, incarnation, op, reply }) => [op, expected, reply, incarnation])).toEqual([
      ["register_node", undefined, "conflict", "e1:7"],
      ["register_node", "e1:7", "conflict", "e1:8"],
      ["register_node", "e1:8", "conflict", undefined],
      ["register_node", null, "registered", "e1:23"],
      ["heartbeat", undefined, "renewed", "e1:23"],
    ]);
    expect(
      new Set(
        calls()
          .slice(0, 4)
          .map(({ node }) => node),
      ),
    ).toEqual(new Set(["n1"]));
  });

  /** Registers as `e1:1`, `e1:2`, … and takes every heartbeat. */
  function living(parts: Partial<Scheduler> = {}) {
    let incarnations = 0;
    const offers: (readonly string[])[] = [];
    const scheduler = fake({
      heartbeat: async () => ({ kind: "renewed", version, unknown_jobs: [] }),
      offlineNode: async () => ({ kind: "offline", version, orphaned: [] }),
      registerNode: async ({ pools }) => {
        incarnations += 1;
        offers.push(pools);
        return { kind: "registered", version, incarnation: `e1:${incarnations}` };
      },
      ...parts,
    });
    return { ...agentOn(scheduler), offers };
  }

  it("sends nothing while it is away, and comes back as a new incarnation in other pools", async () => {
    const { agent, calls, offers } = living();
    await agent.register();
    await agent.goOffline("a");
    await agent.beat();
    expect(agent.fallSilent("b")).toBe(false);
    await agent.comeBack("b");
    await agent.comeBack("a");
    await agent.beat();
    expect(calls().map(({ op, incarnation, seq }) => [op, incarnation, seq])).toEqual([
      ["register_node", "e1:1", undefined],
      ["offline_node", "e1:1", undefined],
      ["register_node", "e1:2", undefined],
      ["heartbeat", "e1:2", 1],
    ]);
    expect(offers).toEqual([["pool-a"], ["pool-a", "pool-b"]]);
  });

  it("names in its heartbeats what it runs, in a repeated one what it named then, and in a new incarnation nothing", async () => {
    const { agent, calls, running } = living();
    await agent.register();
    running.began("n1", "j1");
    running.began("other", "j2");
    await agent.beat();
    running.began("n1", "j3");
    running.ended("n1", "j1");
    await agent.beatAgain();
    await agent.beat();
    agent.fallSilent("a");
    await agent.comeBack("a");
    await agent.beat();
    const named = calls().flatMap(({ op, running: jobs }) => (op === "heartbeat" ? [jobs] : []));
    expect(named).toEqual([["j1"], ["j1"], ["j3"], []]);
  });

  it("has heartbeats delivered late: older ones of its incarnation, and ones of its former incarnation", async () => {
    const { agent, calls } = living();
    await agent.register();
    for (let beat = 0; beat < 3; beat += 1) await agent.beat();
    agent.fallSilent("a");
    await agent.comeBack("a");
    for (let beat = 0; beat < 2; beat += 1) await agent.beat();
    await agent.beatLate();
    await agent.beatLate();
    expect(calls().slice(-2)).toMatchObject([
      { op: "heartbeat", incarnation: "e1:2", seq: 1 },
      { op: "heartbeat", incarnation: "e1:1", seq: 1_003 },
    ]);
  });

  it("does not register when a late heartbeat is refused", async () => {
    const { agent, calls } = living({ heartbeat: async () => ({ kind: "superseded", version, incarnation: "e1:9" }) });
    await agent.register();
    agent.fallSilent("a");
    await agent.comeBack("a");
    await agent.beatLate();
    await agent.beatLate();
    expect(calls().filter(({ op }) => op === "register_node")).toHaveLength(2);
  });

  it("repeats a registration of unknown outcome as the same one, and draws another for the next incarnation", async () => {
    const tokens: (string | undefined)[] = [];
    const answers = [failed("unknown"), { kind: "already", version, incarnation: "e1:4" } as const, failed("no")];
    const { agent } = agentOn(
      fake({
        registerNode: async ({ registration }) => {
          tokens.push(registration);
          return answers.shift() ?? failed("no");
        },
      }),
    );
    await agent.register();
    await agent.beat();
    await agent.register();
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[1]);
  });
});
