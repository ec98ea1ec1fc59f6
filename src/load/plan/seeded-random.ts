/** Reproducible randomness. */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Random } from "../../scheduler/ports.ts";

const encoder = new TextEncoder();

/** One independent stream a concern, split from `seed`: the same seed and name give the same numbers, whatever else is drawn. */
export function seededRandom(seed: number): (concern: string) => Random {
  return (concern) => {
    const generator = xoroshiro128plus(mix(seed, concern));
    return { nextUint32: () => generator.next() >>> 0 };
  };
}

/** FNV-1a over the name, with the seed mixed into its offset basis. */
function mix(seed: number, concern: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (const byte of encoder.encode(concern)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
