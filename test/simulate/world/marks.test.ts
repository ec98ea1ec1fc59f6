import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import { callMarks } from "../../../src/check/call-marks.ts";
import { countMarks, marks } from "../../../src/check/marks.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { allMarks, MarkCounter } from "../../../src/simulate/trace/marks.ts";
import { Record } from "../../../src/simulate/trace/record.ts";
import { runSmall } from "../small.ts";

const hears = [
  ...(["returned", "sent", "settled", "stepped", "fault", "withheld"] as const),
  ...(["scheduler", "sighted", "truth", "phase", "instance", "lost"] as const),
];

async function seenIn(...faults: readonly Fault[]) {
  const counter = new MarkCounter();
  await runSmall(faults, { properties: [], listeners: [counter] });
  return counter.counts;
}

const whole = { link: "both", direction: "both" } as const;
const on = { at: 500, lasts: 600 } as const;

describe("marks", () => {
  it.each(["redis-gone", "failover-loses-writes"])("of %s are those that its record shows", async (name) => {
    const scenario = findScenario(name);
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const plan = planOf(scenario, 1);
    const { instances, partitions } = plan.scenario.topology;
    const record = new Record(instances, partitions);
    const counter = new MarkCounter();
    const recorder = { hears, on: (event: Parameters<Record["on"]>[0]) => record.on(event) };
    await runPlan({ plan, properties: [], listeners: [counter, recorder] });
    const bounds = { budget: 50, recovery: 1_500, convergence: 1_000, staleness: 300 };
    const terms = { missTtl: 100, l1Ttl: 100, heartbeatTtl: 15_000, ttlSpread: 0.2, feedMax: 100_000 };
    const counted = countMarks(record.trial(bounds, terms));
    expect(Object.fromEntries(marks.map((mark) => [mark, counter.counts[mark]]))).toEqual(counted);
  });

  it("of a run without faults are few", async () => {
    const counts = await seenIn();
    const usual: readonly string[] = ["answered_from_l2", "node_full", "gap_found", ...callMarks];
    expect(allMarks.filter((mark) => counts[mark] > 0 && !usual.includes(mark))).toEqual([]);
  });

  it.each([
    ["request_lost", { kind: "redis_blackhole", bytes: "lost", ...whole, ...on }],
    ["reply_lost", { kind: "redis_blackhole", bytes: "lost", ...whole, ...on, direction: "replies" }],
    ["wake_up_lost", { kind: "wake_up_dropped", nth: 1, count: 3, ...on }],
    ["duplicate_ran", { kind: "command_repeated", script: "heartbeat", nth: 1, ...on }],
    ["given_up_write_ran", { kind: "redis_blackhole", bytes: "held", ...whole, ...on }],
    ["instance_restarted", { kind: "instance_crash", instances: [1], ...on }],
    ["split_brain_seen", { kind: "redis_split_brain", instances: [0], ...on }],
    ["epoch_left", { kind: "redis_restart", at: 500, data: "kept" }],
    ["refused_by_redis", { kind: "redis_out_of_memory", ...on }],
    ["ambiguous_write_resolved", { kind: "command_delayed", script: "reserve_job", nth: 1, adds: 32, ...on }],
  ] satisfies readonly (readonly [string, Fault])[])("%s is seen under %o", async (mark, fault) => {
    const counts = await seenIn(fault);
    expect(counts[mark as keyof typeof counts]).toBeGreaterThan(0);
  });
});
