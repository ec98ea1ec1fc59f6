/** The part of J5 that is about acknowledged heartbeats, in both worlds. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import type { ObservedChange } from "../../../src/check/observed/observation.ts";
import { judgeLeases } from "../../../src/judges/jobs/leases.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, entry, faultFrom, job, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, complete, register, reserve, Stage } from "../../simulate/judges/stage.ts";

const lapsed: ObservedChange = { kind: "lapsed", node: "n1", jobs: ["a"], current_jobs: 0 };
const held = [entry(1, registered()), seenAt(10, entry(2, job("reserved", "a", 1)))];

function renewed(from: number, parts: Partial<Call> = {}): Call {
  const reported = { reply: "renewed", version: { epoch: "e1", sequence: 2 }, running: ["a"], seq: from };
  return call({ op: "heartbeat", node: "n1", from, to: from + 2, ...reported, ...parts });
}

describe("J5 of a lease that was renewed, in a recorded run", () => {
  const judged = (history: readonly HistoryEvent[], at: number, lease = 1_000) =>
    judgeRecorded(
      judgeLeases,
      trialOf({ history, observations: [...held, seenAt(at, entry(3, lapsed))], terms: { lease } }),
    );

  it("holds where the job lapses no sooner than was promised, and counts that it outlived its first lease", () => {
    expect(judged([renewed(500), renewed(1_200)], 2_200)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged([renewed(500)], 1_500)).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  it("is violated where it lapses sooner", () => {
    expect(judged([renewed(500)], 1_100).violations[0]?.[0]).toBe(
      "job a lost its place on node n1 400 ms before the lease ended that an acknowledged heartbeat had renewed, allowed is none before",
    );
  });

  it.each([
    ["was not acknowledged", [renewed(500, { outcome: "info", reply: "deadline" })]],
    ["named another", [renewed(500, { running: ["b"] })]],
    ["came after it had lapsed", [renewed(500, { version: { epoch: "e1", sequence: 3 } })]],
    ["was promised by a clock that was moved", [renewed(500), ...faultFrom(700, 701, { name: "clock_jump" })]],
  ])("claims nothing of a heartbeat that %s", (_, history) => {
    expect(judged(history, 1_100).violations).toEqual([]);
  });

  it("claims nothing of a job that was reserved again, nor where the lease was not taken down", () => {
    const again = [entry(3, job("released", "a", 0)), entry(4, job("reserved", "a", 1)), entry(5, lapsed)];
    const observations = [...held, ...again];
    const history = [renewed(500)];
    expect(judgeRecorded(judgeLeases, trialOf({ history, observations, terms: { lease: 1_000 } })).violations).toEqual(
      [],
    );
    const early = [...held, seenAt(1_100, entry(3, lapsed))];
    expect(judgeRecorded(judgeLeases, trialOf({ history, observations: early })).violations).toEqual([]);
  });
});

const lease = 1_000;
const sweep: Asked = {
  kind: "sweep",
  retention: 1_000,
  limit: 100,
  jobLimit: 1_000,
  offset: 0,
  gap: 86_400_000,
  grace: 0,
  candidates: [],
};

/** A node with one job, reserved at 10 ms. */
function begun(): Stage {
  const stage = new Stage(inSimulation(judgeLeases), { settings: { lease } });
  stage.run(1, { ...register(), ttl: 60_000 } as Asked);
  stage.run(10, reserve("a", "n", lease));
  return stage;
}

/** A heartbeat that names the job, and its acknowledgement; what reaches the store may be less. */
function beat(stage: Stage, at: number, parts: { passedOn?: readonly string[]; reported?: Partial<Call> } = {}): void {
  const { passedOn = ["a"], reported = {} } = parts;
  const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
  const terms = { ttl: 60_000, lease, healthMilli: 500, metrics, seq: at, chunk: 0, running: passedOn };
  stage.run(at, { kind: "heartbeat", node: "n", incarnation: stage.incarnation(), ...terms });
  const reply = { reply: "renewed", version: stage.version(), seq: at, running: ["a"] };
  stage.returned({ op: "heartbeat", from: at - 1, to: at + 1, ...reply, ...reported });
}

/** The store's sweep, with what it had to look at. */
function lapse(stage: Stage, at: number): void {
  stage.run(at, { ...sweep, candidates: ["n"] } as Asked);
}

/** Returns the violations about lost places; other tests cover other faults of a wrong store. */
function lostPlaces(stage: Stage): readonly (string | undefined)[] {
  const found = stage.finish().violations.map(([first]) => first);
  return found.filter((text) => text?.includes("lost its place"));
}

describe("J5 of a lease that was renewed, in a simulated run", () => {
  it("holds where the job keeps its place for as long as was promised, and counts that it outlived its first lease", () => {
    const stage = begun();
    beat(stage, 500);
    beat(stage, 1_200);
    lapse(stage, 1_600);
    expect(stage.state().jobs.get("n")?.has("a")).toBe(true);
    lapse(stage, 2_300);
    expect(stage.state().jobs.get("n")?.has("a") ?? false).toBe(false);
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "jobs_that_outlived_a_lease", value: 1 });
  });

  it("is violated where an acknowledged heartbeat named it and the store did not learn of it", () => {
    const stage = begun();
    beat(stage, 500, { passedOn: [] });
    lapse(stage, 1_100);
    expect(lostPlaces(stage)).toEqual([
      expect.stringMatching(/^job a lost its place on node n 399 ms before the lease/),
    ]);
  });

  it("claims nothing of a heartbeat that was not acknowledged, or that came when the job had lapsed already", () => {
    const stage = begun();
    beat(stage, 500, { passedOn: [], reported: { outcome: "info", reply: "deadline" } });
    lapse(stage, 1_100);
    beat(stage, 1_200);
    stage.run(1_300, reserve("a", "n", 100));
    lapse(stage, 1_500);
    expect(stage.finish().violations).toEqual([]);
  });

  it("claims nothing of a job that has ended and been reserved again", () => {
    const stage = begun();
    beat(stage, 500);
    stage.run(600, { kind: "release_job", node: "n", job: "a" });
    stage.run(610, reserve("a", "n", 100));
    lapse(stage, 800);
    stage.run(900, complete("b"));
    expect(stage.finish().violations).toEqual([]);
  });

  it("goes by the server's clock, and claims nothing of a heartbeat under which that was moved", () => {
    const stage = begun();
    stage.hear({ kind: "server", at: 499.5, server: 1, what: "clock_moved", data: "kept" });
    beat(stage, 500, { passedOn: [] });
    lapse(stage, 1_100);
    expect(lostPlaces(stage)).toEqual([]);
  });
});
