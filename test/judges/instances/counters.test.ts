import { describe, expect, it } from "vitest";
import { createMetrics } from "../../../src/embed/metrics.ts";
import { judgeCounters } from "../../../src/judges/instances/counters.ts";
import type { SchedulerEvent } from "../../../src/scheduler/events.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, release, Stage } from "../../simulate/judges/stage.ts";
import { small, verdictOf } from "../../simulate/small.ts";

const reads = "lockproof_reads_total{source=l2,stale=false}";
const answered = "lockproof_redis_operations_total{operation=reserve_job,outcome=answered}";
const failed = "lockproof_redis_operations_total{operation=reserve_job,outcome=deadline}";
const late = "lockproof_redis_late_replies_total{operation=reserve_job}";

const beat = { kind: "heartbeat", node: "n" } as unknown as Asked;

/** A read, a call that is answered, and one that is not; and what the metrics say of it. */
function counting(counters: Readonly<Record<string, number>>): Stage {
  const stage = new Stage(inSimulation(judgeCounters));
  stage.instance(0, "started");
  stage.returned({
    ...{ op: "get_node", from: 1, to: 1 },
    read: { found: false, source: "l2", stale: false, age_ms: 1, mode: "normal", node: null },
  });
  stage.settle(2, 1);
  stage.settle(3, 2, "deadline");
  stage.hear({ kind: "counted", at: 9, instance: 0, life: 1, counters: new Map(Object.entries(counters)) });
  return stage;
}

describe("M1", () => {
  it("holds where each counter is what it counts", () => {
    expect(counting({ [reads]: 1, [answered]: 1, [failed]: 1 }).finish()).toMatchObject({
      verdict: "held",
      exercised: 3,
    });
  });

  it.each([
    ["a read that is not counted", { [answered]: 1, [failed]: 1 }],
    ["a read that is counted twice", { [reads]: 2, [answered]: 1, [failed]: 1 }],
    ["a read under another label", { "lockproof_reads_total{source=l1,stale=false}": 1, [answered]: 1, [failed]: 1 }],
    ["a failed call that is not counted", { [reads]: 1, [answered]: 1 }],
    ["an answered call that is counted twice", { [reads]: 1, [answered]: 2, [failed]: 1 }],
    ["an answered call that is counted as failed", { [reads]: 1, [failed]: 2 }],
  ])("is violated by %s", (_, counters) => {
    expect(counting(counters).finish().verdict).toBe("violated");
  });

  it("takes a call that was given up, and answered after all, for both", () => {
    expect(counting({ [reads]: 1, [failed]: 2, [late]: 1 }).finish().verdict).toBe("held");
  });

  it.each([
    ["timeout, by its own clock", "deadline", 1, "held"],
    ["timeout, and not counted", "deadline", 0, "violated"],
    ["abort, which it was not", "aborted", 1, "violated"],
  ] as const)(
    "takes a heartbeat for a call of its own, where one about the same node timed out 4 ms before: %s",
    (_, outcome, count, verdict) => {
      const stage = new Stage(inSimulation(judgeCounters));
      stage.instance(0, "started");
      const [first, second] = [stage.send(1, release("a")), stage.send(5, beat)];
      const ended = { kind: "settled", instance: 0, partition: 0, deadline: 30, outcome: "deadline" } as const;
      stage.hear({ ...ended, at: 36, request: first, script: "release_job", from: 1, isUntimed: true });
      stage.returned({ op: "release_job", job: "a", from: 1, to: 36, outcome: "info", reply: "deadline" });
      stage.hear({ ...ended, at: 40, request: second, script: "heartbeat", from: 5, isUntimed: true });
      const series = (operation: string, as: string): string =>
        `lockproof_redis_operations_total{operation=${operation},outcome=${as}}`;
      const counters = new Map([[series("release_job", "deadline"), 1]]);
      counters.set(series("heartbeat", outcome), count);
      stage.hear({ kind: "counted", at: 50, instance: 0, life: 1, counters });
      expect(stage.finish().verdict).toBe(verdict);
    },
  );

  it("allows a selection for each dispatch, and no more", () => {
    const selections = "lockproof_selections_total{mode=normal,outcome=empty}";
    for (const [count, verdict] of [
      [0, "violated"],
      [1, "held"],
      [2, "held"],
      [3, "violated"],
    ] as const) {
      const stage = new Stage(inSimulation(judgeCounters));
      stage.instance(0, "started");
      stage.select(1, []);
      stage.returned({ op: "dispatch", job: "j", outcome: "ok", reply: "no_node", from: 2, to: 2 });
      stage.hear({ kind: "counted", at: 9, instance: 0, life: 1, counters: new Map([[selections, count]]) });
      expect(stage.finish().verdict).toBe(verdict);
    }
  });

  it("is open for a life that it has not seen, and not exercised where nothing was counted", () => {
    const stage = counting({ [reads]: 1, [answered]: 1, [failed]: 1 });
    stage.hear({ kind: "counted", at: 9, instance: 0, life: 2, counters: new Map() });
    expect(stage.finish().verdict).toBe("unknown");
    expect(new Stage(inSimulation(judgeCounters)).finish().verdict).toBe("not_exercised");
  });
});

/** Metrics that are fed otherwise than by each event as it is. */
const fed =
  (feed: (event: SchedulerEvent, observe: (event: SchedulerEvent) => void) => void): typeof createMetrics =>
  (options) => {
    const metrics = createMetrics(options);
    return { ...metrics, observe: (event) => feed(event, metrics.observe) };
  };

describe("wrong metrics, in a run", () => {
  const verdict = async (wrong?: typeof createMetrics): Promise<string> =>
    verdictOf(await runPlan({ plan: planOf(small(), 1), properties: ["M1"], createMetrics: wrong }), "M1");

  it("are no part of the trace, which does not depend on what is judged", async () => {
    const plan = planOf(small(), 1);
    const [counted, not] = [await runPlan({ plan, properties: ["M1"] }), await runPlan({ plan, properties: ["V1"] })];
    expect([counted.hash, counted.events]).toEqual([not.hash, not.events]);
  });

  it("are distinguished from right ones", async () => expect(await verdict()).toBe("held"));

  it.each<[string, typeof createMetrics]>([
    ["a counter that never grows", fed((event, observe) => void (event.kind === "view_advanced" || observe(event)))],
    [
      "an event that is counted twice",
      fed((event, observe) => {
        observe(event);
        if (event.kind === "mode_changed") observe(event);
      }),
    ],
    ["a wrong label", fed((event, observe) => observe(event.kind === "answered" ? { ...event, source: "l1" } : event))],
    [
      "calls that are not counted",
      fed(
        (event, observe) => void ((event.kind === "store_call" && event.operation === "heartbeat") || observe(event)),
      ),
    ],
  ])("are violated: %s", async (_, wrong) => expect(await verdict(wrong)).toBe("violated"));
});
