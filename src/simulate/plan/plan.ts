/**
 * What a run does, written out: what the seed drew is in it, and nothing is left to be drawn but the order of things and how long messages
 * take. A scenario and a seed make a plan; a plan that has been shrunk is made from no seed.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { drawnFrom } from "../../load/plan/drawn.ts";
import { type Action, planLoad } from "../../load/plan/plan.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Draws } from "../world/streams.ts";

export interface Plan extends Draws {
  /** As the seed drew it: without nemesis and swarm. Its `load` and `faults` are written out beside it. */
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
}

export function planOf(declared: Scenario, seed: number): Plan {
  const scenario = drawnFrom(declared, seed);
  return { scenario, actions: planLoad(scenario, seededRandom(seed)), faults: scenario.faults, seed };
}
