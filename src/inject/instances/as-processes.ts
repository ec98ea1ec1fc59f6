/**
 * How a run's instances run: hosted, each in a process of its own that records what it does (hosted/); or over the line protocol, as a scheduler
 * written elsewhere, of which only its replies are known.
 */
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { UsageError } from "../../evidence/failure.ts";

export type InstanceKind = "hosted" | "line_protocol";

export interface InstanceChoice {
  /** The flag that requested the line protocol; undefined: it was not requested. */
  readonly asked?: "--processes" | "--sut" | undefined;
  readonly redis: RedisTopology;
  /** The id of a mutant to run instead of the scheduler; null: none. */
  readonly mutant: string | null;
}

/** The line protocol names Redis by one URL. */
export const byOneUrl: readonly RedisTopology[] = ["single", "replica"];

/** @throws UsageError where the line protocol was requested and cannot be used */
export function instanceKind(scenario: string, { asked, mutant, redis }: InstanceChoice): InstanceKind {
  if (asked === undefined) return "hosted";
  const where = `scenario ${scenario}`;
  if (mutant !== null) {
    throw new UsageError(`${mutant} cannot run in instances over the line protocol`, {
      where,
      fix: `run it without ${asked}`,
    });
  }
  if (byOneUrl.includes(redis)) return "line_protocol";
  throw new UsageError(`the line protocol names one Redis by its URL, found ${redis}`, {
    where,
    fix: `use --redis ${byOneUrl.join(" or ")}, or run it without ${asked}`,
  });
}
