/**
 * How the instances of a run are run: hosted, each in a process of its own that takes down what it does (hosted/); or over the line protocol, as
 * a scheduler written elsewhere is, of which only what it says is known.
 */
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { UsageError } from "../../evidence/failure.ts";

export type InstanceKind = "hosted" | "line_protocol";

export interface InstanceChoice {
  /** The line protocol was asked for. */
  readonly processes?: true;
  readonly redis: RedisTopology;
  /** The id of a wrong scheduler to run instead of ours; null: ours. */
  readonly planted: string | null;
}

/** The line protocol names Redis by one URL. */
const byOneUrl: readonly RedisTopology[] = ["single", "replica"];

/** @throws UsageError where the line protocol was asked for and cannot be used */
export function instanceKind(scenario: string, { planted, processes, redis }: InstanceChoice): InstanceKind {
  if (processes !== true) return "hosted";
  const where = `scenario ${scenario}`;
  if (planted !== null) {
    throw new UsageError(`${planted} cannot be planted in instances that are spoken to over the line protocol`, {
      where,
      fix: "run it without --processes",
    });
  }
  if (byOneUrl.includes(redis)) return "line_protocol";
  throw new UsageError(`the line protocol names one Redis by its URL, found ${redis}`, {
    where,
    fix: `use --redis ${byOneUrl.join(" or ")}, or run it without --processes`,
  });
}
