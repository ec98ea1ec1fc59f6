/**
 * Two revisions of the scheduler on the same seeds in virtual time: what each asks of Redis, how long its clients wait, and what it computes. Nothing is
 * measured, so nothing is noise: the same code gives the same figures, and a difference is a difference of the code.
 *
 * Messages take equally long, whichever way: a call more or less would otherwise draw the latencies of all later ones anew.
 */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import { findScenario } from "../../scenarios/registry.ts";
import { UsageError } from "../evidence/failure.ts";
import { planOf } from "../simulate/plan/plan.ts";
import { runPlan } from "../simulate/run/run.ts";
import { loadRevision, type Revision } from "./revisions.ts";
import { type Metric, Tally, type Unit } from "./tally.ts";

/** They have the settings that users have, or nearly: the load without faults, a slow Redis, none, and jobs that outlive their lease. */
export const comparedScenarios = ["steady", "redis-slow", "redis-gone", "node-churn", "long-jobs"] as const;

export interface CompareOptions {
  readonly base: string;
  readonly head: string;
  /** The checkout that names of commits refer to. */
  readonly repository: string;
  readonly scenarios: readonly string[];
  /** Both included. */
  readonly seeds: { readonly from: number; readonly to: number };
  /** A relative difference of at most so much is not reported; 0.01 is 1 %. */
  readonly threshold: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

export interface Difference {
  readonly scenario: string;
  readonly metric: string;
  readonly unit: Unit;
  readonly base: number;
  readonly head: number;
  /** Relative to the base; infinite where that is 0. */
  readonly change: number;
  readonly isBeyond: boolean;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Metrics that were compared. */
  readonly compared: number;
  /** Runs of each revision. */
  readonly runs: number;
  /** Why the figures of a scenario may be of different work: a run was broken, or violated a property. */
  readonly open: readonly string[];
}

/** @throws UsageError for a revision or a scenario that does not exist */
export async function compareRevisions(options: CompareOptions): Promise<Comparison> {
  const { scenarios, seeds, signal } = options;
  const chosen = scenarios.map(evenly);
  using base = await loadRevision(options.base, options.repository);
  using head = await loadRevision(options.head, options.repository);
  const differences: Difference[] = [];
  const open: string[] = [];
  let [compared, runs] = [0, 0];
  for (const scenario of chosen) {
    const sides = [];
    for (const revision of [base, head]) {
      options.onProgress?.(`${scenario.name}, ${revision.name}`);
      const side = await measure(revision, scenario, seeds, signal);
      if (signal.aborted) return { differences, compared, runs, open: [...open, `${scenario.name}: interrupted`] };
      open.push(...side.open);
      sides.push(side.metrics);
    }
    const [ours = [], theirs = []] = sides;
    const found = difference(scenario.name, [ours, theirs], options.threshold);
    differences.push(...found.filter(({ base: one, head: other }) => one !== other));
    compared += found.length;
    runs += seeds.to - seeds.from + 1;
  }
  return { differences, compared, runs, open };
}

/** @throws UsageError for a scenario that does not exist */
function evenly(name: string): Scenario {
  const scenario = findScenario(name);
  if (scenario === undefined) {
    throw new UsageError(`scenario ${JSON.stringify(name)}: there is none of that name`, {
      where: "--scenario",
      fix: "`lockproof simulate --help` names them",
    });
  }
  const middle = (scenario.network[0] + scenario.network[1]) / 2;
  return { ...scenario, network: [middle, middle] };
}

interface Side {
  readonly metrics: readonly Metric[];
  readonly open: readonly string[];
}

async function measure(
  { createScheduler, name }: Revision,
  scenario: Scenario,
  { from, to }: CompareOptions["seeds"],
  signal: AbortSignal,
): Promise<Side> {
  const tally = new Tally();
  const open: string[] = [];
  for (let seed = from; seed <= to && !signal.aborted; seed += 1) {
    tally.begin();
    const run = await runPlan({ plan: planOf(scenario, seed), createScheduler, listeners: [tally] });
    tally.end();
    const wrong = run.judgements.filter(({ verdict }) => verdict === "violated").map(({ property }) => property);
    if (run.broken !== null) open.push(`${name}, ${scenario.name}, seed ${seed}: broken: ${run.broken}`);
    else if (wrong.length > 0) open.push(`${name}, ${scenario.name}, seed ${seed}: violated: ${wrong.join(", ")}`);
  }
  return { metrics: tally.metrics(), open };
}

/** A metric that only one of them has counts as 0 of the other. */
function difference(
  scenario: string,
  [base, head]: readonly [readonly Metric[], readonly Metric[]],
  threshold: number,
): readonly Difference[] {
  const names = [...new Set([...base, ...head].map(({ name }) => name))];
  return names.map((metric) => {
    const [one, other] = [base, head].map((side) => side.find(({ name }) => name === metric));
    const [before, after] = [one?.value ?? 0, other?.value ?? 0];
    const change = before === after ? 0 : (after - before) / Math.abs(before);
    const unit = (one ?? other)?.unit ?? "calls";
    return { scenario, metric, unit, base: before, head: after, change, isBeyond: Math.abs(change) > threshold };
  });
}
