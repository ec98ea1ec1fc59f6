/** Whether a scenario can run on real servers of a topology; checked before anything is started. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { FaultKind } from "../../scenarios/declare/fault-kinds.ts";
import { places, type RedisTopology } from "../../scenarios/declare/fault-places.ts";
import { UsageError } from "../evidence/failure.ts";

export function canRunOn(scenario: Scenario, redis: RedisTopology): boolean {
  return !isSimulatedOnly(scenario) && impossible(scenario, redis).length === 0;
}

/** A nemesis that is drawn for real servers leaves out the faults that are impossible there (src/load/plan/drawn-on-servers.ts). */
function isSimulatedOnly({ nemesis }: Scenario): boolean {
  return nemesis !== undefined && nemesis.real === undefined;
}

/** @throws UsageError naming a fault that is impossible there, and where it is possible */
export function checkPlaces(scenario: Scenario, redis: RedisTopology): void {
  const where = `scenario ${scenario.name} on ${redis}`;
  if (isSimulatedOnly(scenario)) {
    throw new UsageError(`${scenario.name} draws its faults from the seed, for the simulator alone`, {
      where,
      fix: `lockproof simulate --scenario ${scenario.name}`,
    });
  }
  const [first] = impossible(scenario, redis);
  if (first === undefined) return;
  const elsewhere = places[first].redis;
  throw new UsageError(`${first} cannot be done on ${redis}`, {
    where,
    fix:
      elsewhere.length === 0
        ? `lockproof simulate --scenario ${scenario.name}`
        : `use --redis ${elsewhere.join(" or ")}`,
  });
}

function impossible({ faults }: Scenario, redis: RedisTopology): readonly FaultKind[] {
  return faults.map(({ kind }) => kind).filter((kind) => !places[kind].redis.includes(redis));
}
