/**
 * A run that branches from another: the plan of a seed, whose rest is drawn anew, changed or reordered from some moment on, as often as branches are
 * listed. Seed and branches determine it, so they replay it.
 */
import { z } from "zod";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { maxSeed } from "../../evidence/token.ts";
import { changed } from "./changed.ts";
import { type Plan, planOf } from "./plan.ts";
import { redrawn, reordered } from "./redrawn.ts";

const seed = z.int().min(0).max(maxSeed);

const branchSchema = z.strictObject({
  /** `reordered`: with the same faults and actions, but other latencies, jitter and order of simultaneous events. */
  how: z.enum(["redrawn", "changed", "reordered"]),
  /** ms since the start of the load: up to here the run is as it was. */
  from: z.number().nonnegative(),
  seed,
});

export type Branch = z.infer<typeof branchSchema>;

/** The length of a chain of branches: each adds a random stream to every draw of the run. */
export const mostBranches = 12;

/** How to make a run: the seed that it was drawn from, and the branches that it took. */
export interface Recipe {
  readonly seed: number;
  readonly branches: readonly Branch[];
}

export const recipeSchema = z.strictObject({ seed, branches: z.array(branchSchema).max(mostBranches) });

export function planOfRecipe(declared: Scenario, { branches, seed: root }: Recipe): Plan {
  return branches.reduce((plan, branch) => branchOf(plan, declared, branch), planOf(declared, root));
}

function branchOf(plan: Plan, declared: Scenario, branch: Branch): Plan {
  const { from, how, seed: other } = branch;
  switch (how) {
    case "redrawn":
      return redrawn(plan, declared, from, other);
    case "changed":
      return changed(plan, declared, branch);
    case "reordered":
      return reordered(plan, from, other);
  }
}
