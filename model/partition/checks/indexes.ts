/**
 * The keys of a partition that repeat what its nodes and jobs already say (docs/protocol.md, section 2).
 * The model holds none of them, so they cannot disagree with it; a real store must hold exactly these.
 */
import type { Instant } from "../command.ts";
import type { Partition } from "../state.ts";

/** `expiry`: when an online node expires, or one that is gone is removed. */
export function expiryOf(partition: Partition): ReadonlyMap<string, Instant> {
  const expiry = new Map<string, Instant>(partition.lost);
  for (const [node, record] of partition.nodes) expiry.set(node, record.expiresAt);
  return expiry;
}

/** `leases`: each node's earliest lease deadline; only nodes that have jobs. */
export function leasesOf(partition: Partition): ReadonlyMap<string, Instant> {
  const leases = new Map<string, Instant>();
  for (const [node, jobs] of partition.jobs) leases.set(node, Math.min(...jobs.values()));
  return leases;
}
