/** Versions order only within an epoch: a sequence may be issued a second time after a failover, an epoch never. */
import type { Version } from "./command.ts";

export function sameVersion(a: Version | null, b: Version | null): boolean {
  if (a === null || b === null) return a === b;
  return a.epoch === b.epoch && a.sequence === b.sequence;
}
