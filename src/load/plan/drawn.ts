/** Draws a scenario without nemesis and swarm from a declaration and a seed: the faults that they drew are listed. Simulated and real runs draw the same. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { drawFaults } from "./nemesis.ts";
import { seededRandom } from "./seeded-random.ts";
import { drawScenario } from "./swarm.ts";

export function drawnFrom(declared: Scenario, seed: number): Scenario {
  const random = seededRandom(seed);
  const scenario = drawScenario(declared, random("swarm"), seed);
  const drawn = drawFaults(scenario, random("nemesis"));
  const faults = [...scenario.faults, ...drawn].sort((a, b) => a.at - b.at);
  const { nemesis: _, swarm: __, ...plain } = scenario;
  return { ...plain, faults };
}
