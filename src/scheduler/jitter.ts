/** Spreading in time, so that what was written at once does not come due at once (C1). */

import type { Millis } from "../protocol/time.ts";
import type { Random } from "./ports.ts";

/** Uniform in [0, 1). */
function unit(random: Random): number {
  return random.nextUint32() / 0x1_0000_0000;
}

/** Uniform in base ± spread × base. */
export function jittered(base: Millis, spread: number, random: Random): Millis {
  return base * (1 + spread * (2 * unit(random) - 1));
}
