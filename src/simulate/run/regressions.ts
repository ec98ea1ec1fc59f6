/**
 * Runs the plans in scenarios/regressions/: each has to hold, and has to reach the situation that it is about. A plan is stale, and proves nothing, when
 * its faults affect no instance any more, its marks do not occur, or the premise of its property is not met.
 */

import { regressions as kept } from "../../../scenarios/regressions/registry.ts";
import type { Regression } from "../../../scenarios/regressions/regression.ts";
import type { Mark } from "../../check/marks.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import { shrunkFailures } from "../batch/failures.ts";
import { Tally } from "../batch/tally.ts";
import { readPlan } from "../plan/plan-file.ts";
import type { Listener } from "../trace/bus.ts";
import { type Counts, MarkCounter } from "../trace/marks.ts";
import { type Run, runPlan } from "./run.ts";
import { planTokenOf } from "./token.ts";

export interface RegressionsOptions {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
  readonly dir?: string;
  /** Other regressions and another scheduler: for tests. */
  readonly regressions?: readonly Regression[];
  readonly createScheduler?: typeof createScheduler;
}

/** @throws UsageError, ScenarioError for a plan that cannot be read */
export async function runRegressions(options: RegressionsOptions): Promise<LayerEvidence> {
  const { now, onProgress = () => {}, regressions = kept, signal } = options;
  const startedAt = now();
  const parts = [];
  for (const regression of regressions) {
    if (signal.aborted) break;
    onProgress(`regression ${regression.id}`);
    parts.push(await runOne(regression, options));
  }
  const skipped = regressions.length - parts.length;
  const reasons = [
    ...parts.flatMap(({ reason }) => reason ?? []),
    ...(skipped === 0 ? [] : [`${skipped} of ${regressions.length} were not run`]),
  ];
  const verdict = joinVerdicts([...parts.map((part) => part.verdict), ...(skipped === 0 ? [] : ["unknown" as const])]);
  return {
    name: "simulate",
    verdict,
    runs: parts.length,
    duration_ms: Math.round(now() - startedAt),
    properties: parts.flatMap(({ properties }) => properties),
    violations: parts.flatMap(({ violations }) => violations),
    mutants: [],
    series: [],
    faults: [],
    ...withoutUndefined({ reason: reasons.length === 0 ? undefined : `regressions: ${reasons.join("; ")}` }),
  };
}

type Part = Pick<LayerEvidence, "verdict" | "properties" | "violations" | "reason">;

async function runOne(regression: Regression, options: RegressionsOptions): Promise<Part> {
  const { createScheduler: create, now, onProgress = () => {}, signal, dir } = options;
  const { id } = regression;
  const { plan, property } = readPlan(regression.plan, `the plan of the regression ${id}`);
  const scenario = { ...plan.scenario, name: id };
  const marks = new MarkCounter();
  const injected = new Set<number>();
  const faults: Listener = {
    hears: ["fault"],
    on: (event) => event.kind === "fault" && event.step === "inject" && injected.add(event.fault),
  };
  const run = await runPlan({ plan, properties: [property], listeners: [marks, faults], createScheduler: create });
  const unmet = plan.faults.flatMap(({ kind }, index) => (injected.has(index) ? [] : [`${kind} (faults[${index}])`]));
  const missed = missedBy(regression, run, marks.counts, unmet);
  const verdict = verdictOf(run, missed);
  const token = planTokenOf({ plan, property });
  const tally = new Tally(`regression ${id}`);
  tally.add({
    seed: 0,
    branches: [],
    token,
    verdict,
    judgements: run.judgements,
    marks: marks.counts,
    broken: run.broken,
  });
  const planted = create && { id, createScheduler: create };
  const failures = await shrunkFailures({
    ...{ scenario, tally, now, signal, onProgress, planFor: () => plan, given: { plan } },
    ...{ dir, planted },
  });
  return {
    verdict,
    properties: tally.properties(),
    violations: failures.map(({ violation }) => violation),
    ...reasonOf(id, verdict, run, missed),
  };
}

/** The situations that it no longer reaches. */
function missedBy(
  { reaches }: Regression,
  { judgements }: Run,
  seen: Counts,
  unmet: readonly string[],
): readonly string[] {
  const unseen = reaches.filter((mark: Mark) => seen[mark] === 0);
  // Under a fault that affected no instance nothing is exercised.
  const idle = unmet.length > 0 ? [] : judgements.filter(({ exercised }) => exercised === 0);
  return [
    ...unmet.map((fault) => `${fault} affected no instance`),
    ...unseen.map((mark) => `never seen: ${mark}`),
    ...idle.map(({ property }) => `never exercised: ${property}`),
  ];
}

function verdictOf({ broken, judgements }: Run, missed: readonly string[]): Verdict {
  const said = judgements.map(({ verdict }) => verdict).filter((verdict) => verdict !== "not_exercised");
  return joinVerdicts([
    ...said,
    ...(broken === null ? [] : ["broken" as const]),
    ...(missed.length === 0 ? [] : ["stale" as const]),
  ]);
}

function reasonOf(
  id: string,
  verdict: Verdict,
  { broken }: Run,
  missed: readonly string[],
): { readonly reason?: string } {
  if (verdict === "broken") return { reason: `${id}: ${broken}` };
  if (verdict !== "stale") return {};
  return { reason: `${id} is stale: ${missed.join("; ")}; make its plan anew, or take it out with the reason` };
}
