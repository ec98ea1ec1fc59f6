/** A small generator for tests (mulberry32); every name has its own stream. */

import type { Random } from "../../../src/scheduler/ports.ts";
import { fnv1a } from "../../../src/scheduler/view/partition-of.ts";

export function seededRandom(seed: number): (concern: string) => Random {
  return (concern) => {
    let state = (seed ^ fnv1a(concern)) >>> 0;
    return {
      nextUint32() {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return (mixed ^ (mixed >>> 14)) >>> 0;
      },
    };
  };
}
