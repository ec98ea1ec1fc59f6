/** Whether a run's instances are processes of their own, and where they cannot be. */
import type { Scenario } from "../../scenarios/declare.ts";
import type { RedisTopology } from "../../scenarios/fault-places.ts";
import { UsageError } from "../report/failure.ts";
import { needsProcesses } from "./instance-faults.ts";

export interface ProcessChoice {
  /** Asked for, though no fault of the scenario needs it. */
  readonly processes?: true;
  readonly redis: RedisTopology;
  /** The id of a wrong scheduler to run instead of ours; null: ours. */
  readonly planted: string | null;
}

/** The line protocol names Redis by one URL. */
const byOneUrl: readonly RedisTopology[] = ["single", "replica"];

/** @throws UsageError where they would have to be, and cannot */
export function runsAsProcesses(scenario: Scenario, { planted, processes, redis }: ProcessChoice): boolean {
  if (processes !== true && !needsProcesses(scenario)) return false;
  const where = `scenario ${scenario.name}`;
  if (planted !== null) {
    throw new UsageError(`${planted} cannot be planted in instances that are processes of their own`, {
      where,
      fix: "run it in a scenario that does nothing to the instances themselves, without --processes",
    });
  }
  if (byOneUrl.includes(redis)) return true;
  throw new UsageError(`instances that are processes of their own are told one Redis by its URL, found ${redis}`, {
    where,
    fix: `use --redis ${byOneUrl.join(" or ")}`,
  });
}
