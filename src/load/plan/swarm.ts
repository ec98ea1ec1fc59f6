/** Draws topology, settings and the pace of the load from the seed, where the scenario declares ranges for them. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Random } from "../../scheduler/ports.ts";
import { between, integerBetween } from "./random.ts";

type Range = readonly [number, number];

/** One seed in so many keeps the declared settings: D2 within the budget is promised for those alone. */
const usualEvery = 10;

export function drawScenario(declared: Scenario, random: Random, seed: number): Scenario {
  const { swarm } = declared;
  if (swarm === undefined) return declared;
  const count = (range: Range | undefined, usual: number): number =>
    range === undefined ? usual : integerBetween(random, range);
  const { topology } = declared;
  const drawn = {
    ...topology,
    instances: count(swarm.instances, topology.instances),
    nodes: count(swarm.nodes, topology.nodes),
    maxJobsPerNode: count(swarm.maxJobsPerNode, topology.maxJobsPerNode),
    partitions: count(swarm.partitions, topology.partitions),
    feedMax: count(swarm.feedMax, topology.feedMax),
    pools: count(swarm.pools, topology.pools),
    languages: count(swarm.languages, topology.languages),
    services: count(swarm.services, topology.services),
  };
  const settings = { ...declared.settings };
  for (const [name, range] of Object.entries(swarm.settings).sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Counts have to be whole; durations may be.
    const value = range[1] <= 1 ? between(random, range) : Math.round(between(random, range));
    if (seed % usualEvery !== 0) settings[name] = value;
  }
  const factor = swarm.every === undefined ? 1 : between(random, swarm.every);
  const load = declared.load.map((each) => ({ ...each, every: each.every * factor }));
  return { ...declared, topology: drawn, settings, load };
}
