/** Waiting for a condition, with a deadline. */

import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds until it is given up. */
  readonly deadline: number;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** @returns the first answer that is not `undefined`, or `undefined` when the deadline has passed */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { deadline, interval }: WaitOptions,
): Promise<T | undefined> {
  const until = performance.now() + deadline;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || performance.now() >= until) return seen;
    await sleep(interval);
  }
}
