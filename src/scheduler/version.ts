/** Comparing versions: sequences mean something only within one epoch. */
import type { Version } from "../protocol/version.ts";

export function compareVersions(a: Version, b: Version): "older" | "same" | "newer" | "another_epoch" {
  if (a.epoch !== b.epoch) return "another_epoch";
  if (a.sequence === b.sequence) return "same";
  return a.sequence < b.sequence ? "older" : "newer";
}

/** Whether what was true at `version` includes what was true at `other`; false across epochs. */
export function reaches(version: Version, other: Version): boolean {
  return version.epoch === other.epoch && version.sequence >= other.sequence;
}

/** Held before anything was ever read; no store uses the empty epoch. */
export const beforeAll: Version = { epoch: "", sequence: 0 };
