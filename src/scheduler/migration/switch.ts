/** Which side leads for a key: a share of the keys, always the same ones, in one order. */
import { fnv1a } from "../view/partition-of.ts";
import type { Side } from "./registry.ts";

/** Hundredths of a percent: 0 is no key, 10,000 every key. */
export type Share = number;

export const everyKey: Share = 10_000;

/**
 * A key's place in the order in which keys move over, 0 to 9,999, uniform. It depends on the key and the salt alone, so every instance and
 * every restart agrees; another salt gives another order, so that two moves do not always begin with the same keys.
 */
export function placeOf(key: string, salt: string): number {
  return Math.floor((mixed(fnv1a(`${salt.length}:${salt}${key}`)) / 0x1_0000_0000) * everyKey);
}

/** A larger share only adds keys, and a smaller one takes them back in reverse. */
export function sideOf(key: string, salt: string, share: Share): Side {
  return placeOf(key, salt) < share ? "next" : "legacy";
}

/** FNV-1a leaves the high bits of similar names alike; this spreads them (the finalizer of MurmurHash3). */
function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
