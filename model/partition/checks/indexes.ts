/**
 * The keys of a partition that repeat what its nodes and jobs already say (docs/protocol.md, section 2).
 * The model holds none of them, so they cannot disagree with it; a real store must hold exactly these.
 */
import type { Instant, LanguagePair } from "../command.ts";
import type { Partition } from "../state.ts";

/** `expiry`: when an online node expires, or one that is gone is removed. */
export function expiryOf(partition: Partition): ReadonlyMap<string, Instant> {
  const expiry = new Map<string, Instant>();
  for (const [node, record] of partition.nodes) expiry.set(node, record.expiresAt);
  return expiry;
}

/** `leases`: each node's earliest lease deadline; only nodes that have jobs. */
export function leasesOf(partition: Partition): ReadonlyMap<string, Instant> {
  const leases = new Map<string, Instant>();
  for (const [node, jobs] of partition.jobs) leases.set(node, Math.min(...jobs.values()));
  return leases;
}

/** `pool:<pool>`: the online members of each pool that has any. */
export function poolMembers(partition: Partition): ReadonlyMap<string, ReadonlySet<string>> {
  const members = new Map<string, Set<string>>();
  for (const [node, record] of partition.nodes) {
    if (record.status === "online") for (const pool of record.pools) join(members, pool, node);
  }
  return members;
}

/** `lang:<src>:<tgt>`: the online nodes that serve each pair that is served, by `<src>:<tgt>`. */
export function languageMembers(partition: Partition): ReadonlyMap<string, ReadonlySet<string>> {
  const members = new Map<string, Set<string>>();
  for (const [node, record] of partition.nodes) {
    if (record.status === "online") for (const pair of record.languages) join(members, pairText(pair), node);
  }
  return members;
}

function pairText(pair: LanguagePair): string {
  return `${pair.source}:${pair.target}`;
}

function join(members: Map<string, Set<string>>, group: string, node: string): void {
  const joined = members.get(group) ?? new Set();
  members.set(group, joined.add(node));
}
