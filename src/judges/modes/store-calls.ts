/** The kind of an instance's call to its store, by the name of its script or of the port's method, and the meaning of its failure. */

import type { Settled } from "../event.ts";

/** Everything else writes. */
const reads: ReadonlySet<string> = new Set([
  ...["changes_since", "snapshot", "read_orphans", "read_config", "check_config"],
  ...["changesSince", "snapshot", "readOrphans", "readConfig", "checkConfig"],
]);

/** Such a failure is about one operation, or about the instance itself: not about a store that is slow or gone. */
const harmless: ReadonlySet<string> = new Set([
  ...["invalid", "closed", "aborted", "layout_mismatch", "overloaded", "out_of_memory", "denied", "wrong_type"],
]);

/** Losses of jobs. They are read after a sweep, and further page by page in every mode: beside following, probes and loads, and by none of them. */
const lossReads: ReadonlySet<string> = new Set(["read_orphans", "readOrphans"]);

export function isRead(script: string): boolean {
  return reads.has(script);
}

/** Whether it may be a probe, or part of a load. */
export function isOfWayBack(script: string): boolean {
  return isRead(script) && !lossReads.has(script);
}

/**
 * Whether such an end says to the instance that the store is slow or gone. A server that takes no writes may still be read. What becomes of a call that its
 * client has aborted the instance does not look at.
 */
export function saysGone({ isAborted, outcome, script }: Pick<Settled, "isAborted" | "outcome" | "script">): boolean {
  if (isAborted === true) return false;
  return outcome !== "answered" && !harmless.has(outcome) && (outcome !== "readonly" || isRead(script));
}
