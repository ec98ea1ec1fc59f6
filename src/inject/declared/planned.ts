/** The load of a run: a function of the scenario, the seed, and what the instances claim. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { type ClaimedLoad, claimedLoad } from "../../load/plan/claimed.ts";
import { planLoad } from "../../load/plan/plan.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";

/** @param claimed the operations of an instance; undefined: all */
export function plannedLoad(
  scenario: Scenario,
  seed: number,
  claimed: (instance: number) => readonly string[] | undefined,
): ClaimedLoad {
  return claimedLoad(planLoad(scenario, seededRandom(seed)), claimed);
}
