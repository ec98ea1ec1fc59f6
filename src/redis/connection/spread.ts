/** Pauses of many clients that lost the same server at the same moment: drawn, so that they do not come back all at once. */
import type { Millis } from "../../protocol/time.ts";
import { systemRandom } from "../system.ts";

const random = systemRandom("pauses");

/** A draw from [0, 1). */
export function draw(): number {
  return random.nextUint32() / 2 ** 32;
}

/** At least half of it. */
export function spread(pause: Millis, drawn = draw()): Millis {
  return pause * (0.5 + drawn / 2);
}
