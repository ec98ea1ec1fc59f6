/** Pools and languages: what a node belongs to, and whether a caller has declared the keys of all of it. */
import type { LanguagePair, Membership } from "../command.ts";

function samePair(a: LanguagePair, b: LanguagePair): boolean {
  return a.source === b.source && a.target === b.target;
}

/** Whether every pool and every language of `member` is among the declared ones. */
export function covers(declared: Membership, member: Membership): boolean {
  return (
    member.pools.every((pool) => declared.pools.includes(pool)) &&
    member.languages.every((pair) => declared.languages.some((other) => samePair(pair, other)))
  );
}
