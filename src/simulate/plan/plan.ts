/**
 * The content of a run with the draws of the seed written out; only the order of events at one tick, latencies and jitter are drawn during the run. A
 * scenario and a seed make a plan; a shrunk plan has no seed.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { drawnFrom } from "../../load/plan/drawn.ts";
import { type Action, planLoad } from "../../load/plan/plan.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Draws } from "../world/streams.ts";

export interface Plan extends Draws {
  /** As the seed drew it, without nemesis and swarm. Its `load` and `faults` are written out in the plan. */
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
}

export function planOf(declared: Scenario, seed: number): Plan {
  const scenario = drawnFrom(declared, seed);
  return { scenario, actions: planLoad(scenario, seededRandom(seed)), faults: scenario.faults, seed };
}
