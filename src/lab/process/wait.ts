/** Waiting for a condition until a timeout, or for work until a signal. */

import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** @returns the first answer that is not `undefined`, or `undefined` after the timeout */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { interval, timeout }: WaitOptions,
): Promise<T | undefined> {
  const until = performance.now() + timeout;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || performance.now() >= until) return seen;
    await sleep(interval);
  }
}

export interface CutOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for which work goes on after the signal. */
  readonly grace: number;
}

export const cut = Symbol("cut");

/** @returns `cut` where the signal came before the work began, or longer than `grace` before its end: then the work continues, and its result is ignored */
export async function untilCut<T>({ signal, grace }: CutOptions, work: () => Promise<T>): Promise<T | typeof cut> {
  if (signal.aborted) return cut;
  const { promise, resolve } = Promise.withResolvers<typeof cut>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(resolve, grace, cut);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}
