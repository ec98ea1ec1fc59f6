import { describe, expect, it } from "vitest";
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { resolveSettings } from "../../../src/scheduler/settings.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { Record } from "../../../src/simulate/trace/record.ts";
import { deaf } from "../small.ts";

/** Decided while the run goes on, and from what was recorded of it: one judge over two streams of events. */
const both: readonly PropertyId[] = [
  ...(["J1", "J2", "J3", "S1", "V1", "V2", "V3", "V4", "N1", "N2"] as const),
  ...(["N3", "S2", "P1", "D1", "D2", "D3", "D4", "L1", "F1", "C2", "K3"] as const),
];

async function judgedTwice(name: string, createScheduler?: typeof deaf) {
  const declared = findScenario(name);
  if (declared === undefined) throw new Error(`no scenario ${name}`);
  const plan = planOf(declared, 1);
  const { settings: given, topology } = plan.scenario;
  const { feedMax, instances, partitions } = topology;
  const record = new Record(instances, partitions);
  const hears = [
    ...(["returned", "sent", "settled", "stepped", "fault", "withheld"] as const),
    ...(["scheduler", "sighted", "truth", "phase", "instance", "lost"] as const),
  ];
  const listeners = [{ hears, on: (event: Parameters<Record["on"]>[0]) => record.on(event) }];
  const wrong = createScheduler === undefined ? {} : { createScheduler };
  const { judgements } = await runPlan({ plan, properties: both, listeners, ...wrong });
  const { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread } = resolveSettings({ ...given, partitions });
  const trial = record.trial(boundsOf(plan.scenario), { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread, feedMax });
  return judgements.map((online): readonly [Judgement, Judgement] => [online, judge(online.property, trial)]);
}

const scenarios = ["redis-gone", "node-churn", "feed-trimmed", "failover-loses-writes"];

describe("the judges of the simulator and those of recorded runs", () => {
  it.each(scenarios)("agree about %s", async (name) => {
    const pairs = await judgedTwice(name);
    const differing = pairs.filter(([online, recorded]) => online.verdict !== recorded.verdict);
    expect(differing.map(([{ property }]) => property)).toEqual([]);
    expect(pairs.filter(([{ verdict }]) => verdict === "held").length).toBeGreaterThan(8);
    for (const property of ["J1", "V1", "V3"]) {
      const pair = pairs.find(([online]) => online.property === property);
      expect([property, pair?.[0].exercised]).not.toEqual([property, 0]);
    }
  });

  it("agree that a scheduler that does not follow the store is wrong", async () => {
    const pairs = await judgedTwice("subscriber-deaf", deaf);
    const verdictsOf = (property: PropertyId) =>
      pairs.find(([online]) => online.property === property)?.map(({ verdict }) => verdict);
    expect(verdictsOf("V4")).toEqual(["violated", "violated"]);
    expect(verdictsOf("V3")).toEqual(["violated", "violated"]);
  });
});
