/**
 * What a run does, written out: what the seed drew is in it, and nothing is left to be drawn but the order of things and how long messages
 * take. A scenario and a seed make a plan; a plan that has been shrunk is made from no seed.
 */
import type { Scenario } from "../../scenarios/declare.ts";
import type { Fault } from "../../scenarios/fault-kinds.ts";
import { type Action, planLoad } from "../load/plan.ts";
import { seededRandom } from "../load/seeded-random.ts";
import { drawFaults } from "./nemesis.ts";
import type { Draws } from "./streams.ts";
import { drawScenario } from "./swarm.ts";

export interface Plan extends Draws {
  /** As the seed drew it: without nemesis and swarm. Its `load` and `faults` are written out beside it. */
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
}

export function planOf(declared: Scenario, seed: number): Plan {
  const random = seededRandom(seed);
  const scenario = drawScenario(declared, random("swarm"), seed);
  const drawn = drawFaults(scenario, random("nemesis"));
  const faults = [...scenario.faults, ...drawn].sort((a, b) => a.at - b.at);
  const { nemesis: _, swarm: __, ...plain } = scenario;
  return { scenario: { ...plain, faults }, actions: planLoad(scenario, random), faults, seed };
}
