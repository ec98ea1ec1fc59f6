/** Mutants of how an instance sweeps. */
import type { SchedulerMutant } from "../mutant.ts";

const mutant = (id: string, origin: string, find: string, replace: string): SchedulerMutant => ({
  ...{ id, origin, property: "N4", scenario: "redis-gone-long", simulated: "redis-gone-long" },
  edits: [{ file: "following/sweeper.ts", find, replace }],
});

export const sweepMutants: readonly SchedulerMutant[] = [
  mutant(
    "no-grace-after-a-gap",
    "what is overdue is due, however long the store was away",
    "const grace = Math.floor(heartbeatTtl * (1 - ttlSpread));",
    "const grace = Math.floor(heartbeatTtl * (1 - ttlSpread)) * 0;",
  ),
  mutant(
    "gaps-unnoticed",
    "a sweep that is late is taken for one on a busy machine",
    "const gap = Math.min(mostGap, Math.round(missedSweeps * sweepInterval));",
    "const gap = Math.max(mostGap, Math.round(missedSweeps * sweepInterval));",
  ),
  mutant(
    "grace-of-one-sweep",
    "nodes are given until the next sweep",
    "const grace = Math.floor(heartbeatTtl * (1 - ttlSpread));",
    "const grace = Math.min(sweepInterval, Math.floor(heartbeatTtl * (1 - ttlSpread)));",
  ),
];
