import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import { expectedHealth, knownOf, type Reported } from "../../../src/judges/health/documented.ts";
import { judgeHealthScores } from "../../../src/judges/health/scores.ts";
import { defaultWeights, fullLoad, healthMilli } from "../../../src/scheduler/selection/health.ts";
import { incarnationText } from "../../../src/simulate/servers/epoch-text.ts";
import { call, dump, judgedBy, node, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage, type Wrong } from "../../simulate/judges/stage.ts";

const metrics = { cpu: 0.5, gpu: 0.25, memory: 0.5, load: 1, latency_ms: 100, error_rate: 0 };
const right = healthMilli(metrics);

interface Beat {
  readonly seq?: number;
  readonly reported?: Reported;
  readonly stored?: typeof metrics | Partial<Record<keyof typeof metrics, number | null>>;
  readonly health?: number;
  readonly wrong?: Wrong;
  readonly returned?: Partial<Call>;
}

function beat(stage: Stage, { health = right, reported = metrics, returned = {}, seq = 1, stored, wrong }: Beat): void {
  const at = 10 * seq;
  const unknown = { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };
  const all = { ...unknown, ...(stored ?? (reported as typeof metrics)) };
  const incarnation = stage.incarnation();
  const asked = {
    node: "n",
    incarnation,
    seq,
    chunk: 0,
    ttl: 1_000,
    lease: 1_000,
    healthMilli: health,
    metrics: all,
    running: [],
  };
  stage.run(at, { kind: "heartbeat", ...asked }, wrong === undefined ? {} : { wrong });
  const sent = {
    op: "heartbeat",
    reply: "renewed",
    seq,
    incarnation: incarnationText(incarnation),
    metrics: reported,
  } as const;
  stage.returned({ ...sent, from: at, to: at + 1, ...returned });
}

function judged(...beats: readonly Beat[]): Judgement {
  const stage = new Stage(inSimulation(judgeHealthScores));
  stage.run(0, register());
  beats.forEach((one, index) => {
    beat(stage, { seq: index + 1, ...one });
  });
  return stage.finish();
}

const cold = { ...metrics, cpu: 0 };

describe("H1", () => {
  it("holds where the stored score is the documented function of what was reported", () => {
    expect(judged({}, { reported: cold, health: healthMilli(cold) })).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it.each([
    ["a score that has moved and is wrong by two thousandths", { health: right + 2 }],
    ["a score that ought to have moved", { wrong: { after: (after) => after }, health: 500 }],
    ["a metric that was not stored", { stored: { ...metrics, gpu: null } }],
    ["a metric that was stored with another value", { stored: { ...metrics, gpu: 0.26 } }],
    [
      "an impossible metric that is stored as 0",
      { reported: { ...metrics, cpu: null }, stored: cold, health: healthMilli(cold) },
    ],
    [
      "an impossible metric whose weight is kept",
      { reported: { ...metrics, cpu: -1 }, stored: { ...metrics, cpu: null }, health: healthMilli(cold) },
    ],
  ] satisfies readonly (readonly [string, Beat])[])("is violated by %s", (_, wrong) => {
    expect(judged(wrong)).toMatchObject({ verdict: "violated", exercised: 1 });
  });

  it("holds a score that moved by less than is material against that band only", () => {
    const near = { ...metrics, cpu: metrics.cpu + 0.1 };
    expect(judged({}, { reported: near, health: healthMilli(near) }).verdict).toBe("held");
    const off = { ...metrics, cpu: metrics.cpu + 0.3 };
    expect(judged({}, { reported: off, health: right }).verdict).toBe("violated");
  });

  it.each([null, -1, 1e300])("holds where the impossible metric %s costs itself alone, and counts that", (cpu) => {
    const known = { ...metrics, cpu: null };
    const one = { reported: { ...metrics, cpu }, stored: known, health: healthMilli(known) };
    expect(judged(one)).toMatchObject({
      verdict: "held",
      measures: [{ name: "heartbeats_with_impossible_metrics", value: 1 }],
    });
  });

  it.each(["threw InvalidInputError: metrics.cpu: found NaN", "invalid"])(
    "is violated by a heartbeat that was refused for a metric: %s",
    (reply) => {
      const stage = new Stage(inSimulation(judgeHealthScores));
      const reported = { ...metrics, cpu: null };
      stage.returned({ op: "heartbeat", outcome: "fail", reply, seq: 1, metrics: reported, from: 1, to: 1 });
      expect(stage.finish()).toMatchObject({ verdict: "violated" });
    },
  );

  it("makes no accusation of a heartbeat that failed for another reason, or that has an id that is not allowed", () => {
    const stage = new Stage(inSimulation(judgeHealthScores));
    stage.returned({ op: "heartbeat", outcome: "fail", reply: "disconnected", metrics: { cpu: null }, from: 1, to: 1 });
    stage.returned({ op: "heartbeat", outcome: "fail", reply: "invalid", metrics, from: 1, to: 1 });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("takes either of two heartbeats of one number, since the second may have been the first to arrive", () => {
    const stage = new Stage(inSimulation(judgeHealthScores));
    stage.run(0, register());
    beat(stage, { reported: cold, health: healthMilli(cold) });
    const incarnation = incarnationText(stage.incarnation());
    stage.returned({ op: "heartbeat", reply: "already", seq: 1, incarnation, metrics, from: 20, to: 21 });
    expect(stage.finish().verdict).toBe("held");
  });

  it("is open where the call behind a heartbeat is missing, and not exercised where no call says what it reported", () => {
    const stage = new Stage(inSimulation(judgeHealthScores));
    stage.run(0, register());
    beat(stage, {});
    beat(stage, { seq: 2, returned: { seq: 99 } });
    expect(stage.finish()).toMatchObject({ verdict: "unknown" });
    expect(judged({ returned: { metrics: undefined } })).toMatchObject({ verdict: "not_exercised" });
  });
});

describe("H1 of a recorded run", () => {
  const seen = (health_milli: number, stored = metrics) => {
    const content = node(1, { health_milli });
    const looked = dump(1, [[content, []]]);
    const [held] = looked.nodes;
    if (held === undefined) throw new Error("no node");
    const sent = { op: "heartbeat", node: "n1", reply: "renewed", seq: 4, incarnation: "e1:1", metrics } as const;
    const observations = [{ ...looked, nodes: [{ ...held, heartbeat_seq: 4, metrics: stored }] }];
    return judgedBy("H1", trialOf({ history: [call({ ...sent, from: 0, to: 1 })], observations }));
  };

  it.each([
    [right, "held"],
    [right + 50, "held"],
    [right + 52, "violated"],
    [right - 52, "violated"],
  ])("holds what one look shows against what is material: %d is %s", (health, verdict) => {
    expect(seen(health)).toMatchObject({ verdict, exercised: 1 });
  });

  it("is violated by metrics that no client reported", () => {
    expect(seen(right, { ...metrics, load: 2 }).verdict).toBe("violated");
  });
});

describe("the documented function", () => {
  it("is what the scheduler computes, whatever is known", () => {
    const names = Object.keys(fullLoad) as (keyof typeof fullLoad)[];
    for (let known = 0; known < 64; known += 1) {
      const some = { ...metrics, load: 9, error_rate: 0.3 };
      for (const [index, name] of names.entries())
        if ((known >> index) % 2 === 0) Object.assign(some, { [name]: null });
      const documented = expectedHealth(knownOf(some));
      expect(Math.abs(healthMilli(some, defaultWeights) - documented)).toBeLessThanOrEqual(0.5 + 1e-9);
    }
  });
});
