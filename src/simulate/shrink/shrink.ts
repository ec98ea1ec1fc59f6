/**
 * Shrinks a plan that breaks a property to the smallest one found that still breaks it and needs no seed: a shorter run, fewer faults and actions (delta
 * debugging), fewer instances, nodes and settings, shorter faults, no waiting, and equal latencies.
 *
 * Bounded by what is simulated, which is the same on every machine: the same plan shrinks to the same plan. The caller may end it earlier.
 */
import type { PropertyId } from "../../check/properties.ts";
import type { Plan } from "../plan/plan.ts";
import { type ExplicitPlan, framed } from "../plan/plan-file.ts";
import { shrinkDraws } from "./draws.ts";
import { Search, type ShrinkOptions } from "./search.ts";
import { shrinkSteps } from "./steps.ts";

export interface Shrunk {
  readonly plan: ExplicitPlan;
  readonly property: PropertyId;
  /** The hash of the plan's trace. */
  readonly hash: string;
  readonly runs: number;
  readonly events: number;
  /** Whether nothing smaller was left to try; else the bound or the caller ended it. */
  readonly isSettled: boolean;
}

/** @returns null where the plan does not break the property: then there is nothing to shrink */
export async function shrinkPlan(options: ShrinkOptions): Promise<Shrunk | null> {
  const search = new Search(options);
  const begun = framed(options.plan, options.property);
  if (!(await search.isBroken(begun))) return null;
  search.best = begun;
  for (let before: Plan | null = null; before !== search.best && !search.isSpent; ) {
    before = search.best;
    for (const step of shrinkSteps) {
      search.report(step.name);
      await step(search);
    }
  }
  const written = await search.written();
  if (written.draws.length > 0) {
    search.report("shrinkDraws");
    search.best = written;
    await shrinkDraws(search);
  }
  const plan = { ...search.best, draws: search.best.draws ?? written.draws };
  const last = await search.run(plan);
  const { events, isSpent, runs } = search;
  return { plan, property: options.property, hash: last.hash, runs, events, isSettled: !isSpent };
}
