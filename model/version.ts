/** Versions order only within an epoch: a sequence may be issued a second time after a failover, an epoch never. */
import type { Version } from "./command.ts";

export function compareVersions(a: Version, b: Version): "older" | "same" | "newer" | "another_epoch" {
  if (a.epoch !== b.epoch) return "another_epoch";
  if (a.sequence === b.sequence) return "same";
  return a.sequence < b.sequence ? "older" : "newer";
}

export function sameVersion(a: Version | null, b: Version | null): boolean {
  if (a === null || b === null) return a === b;
  return compareVersions(a, b) === "same";
}
