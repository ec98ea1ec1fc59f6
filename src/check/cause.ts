/** Why a verdict is open, in a word for machines; the reason in words stands beside it. */

/**
 * The first of several causes in this list stands for all, so `machine_load` is left only where nothing else is open.
 * `machine_load`: the machine may have caused the measured value. `budget`: no time or memory was left.
 * `unobserved`: the data that the claim is compared with was not observed.
 * `missing_shard`: a part of the run is not in the report. `unspecified`: the judge gave no cause.
 */
export const causes = [
  "broken",
  "interrupted",
  "stale",
  "missing_shard",
  "not_exercised",
  "unobserved",
  "unspecified",
  "budget",
  "machine_load",
] as const;

export type Cause = (typeof causes)[number];

/** @returns undefined for no causes */
export function joinCauses(parts: Iterable<Cause>): Cause | undefined {
  const seen = new Set(parts);
  return causes.find((cause) => seen.has(cause));
}
