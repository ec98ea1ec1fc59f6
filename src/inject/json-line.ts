/** The JSON line of a run: the measurements that users ask about most have fields of their own. */

import type { Scenario } from "../../scenarios/declare/declare.ts";
import { budget } from "../check/documented-settings.ts";
import { ofKind } from "../check/history.ts";
import { countMarks } from "../check/marks.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { type JudgedPair, notJudged, type Pair } from "./pair.ts";

export interface JudgedRun {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly token: string;
  readonly attempts: number;
  readonly judged: JudgedPair;
  readonly pair: Pair;
  readonly evidence: LayerEvidence;
}

export function jsonOf(run: JudgedRun): Readonly<Record<string, unknown>> {
  const { attempts, evidence, judged, pair, scenario, seed, token } = run;
  const { D3, V3 } = scenario.eventually;
  return {
    scenario: scenario.name,
    seed,
    verdict: evidence.verdict,
    attempts,
    read_latency: {
      fault: measuresOf(judged, "fault", "D1"),
      control: measuresOf(judged, "control", "D1"),
      threshold_ms: budget,
    },
    degradation: { ...measuresOf(judged, "fault", "D2"), threshold_ms: budget },
    recovery: { ...measuresOf(judged, "fault", "D3"), threshold_ms: D3?.within ?? null },
    convergence: { ...measuresOf(judged, "fault", "V3"), threshold_ms: V3?.within ?? null },
    properties: Object.fromEntries(
      judged.properties.map(({ fault, verdict, reason }) => [
        fault.property,
        { verdict, exercised: fault.exercised, ...withoutUndefined({ reason }) },
      ]),
    ),
    not_judged: notJudged(scenario),
    seen: countMarks(pair.fault),
    not_made: ofKind(pair.fault.history, "pace")[0]?.not_made ?? {},
    reasons: judged.reasons,
    withheld: judged.withheld,
    excluded: judged.excluded,
    violations: evidence.violations.map(({ property, story }) => ({ property, story })),
    duration_ms: evidence.duration_ms,
    token,
  };
}

function measuresOf(
  { properties }: JudgedPair,
  side: "fault" | "control",
  property: string,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    properties
      .filter(({ fault }) => fault.property === property)
      .flatMap((each) => each[side]?.measures ?? [])
      .filter(({ value }) => Number.isFinite(value))
      .map(({ name, value }) => [name, Math.round(value * 100) / 100]),
  );
}
