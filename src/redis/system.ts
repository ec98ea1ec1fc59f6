/** The scheduler's ports for time and randomness, on the machine's own. */
import type { Clock, Random } from "../scheduler/ports.ts";

/** Monotone; its origin is the start of the process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (duration, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      // After a pause of this process timers fire before replies are read that have long arrived: one turn of I/O first.
      const timer = setTimeout(() => setImmediate(done), duration);
      signal.addEventListener("abort", done, { once: true });
    }),
};

/** The machine's own entropy: for schedulers in use. No two processes draw the same, so no two draw the same registration token. */
export function systemRandom(_concern: string): Random {
  return { nextUint32: drawn };
}

const pool = new Uint32Array(256);
let unused = 0;

function drawn(): number {
  if (unused === 0) {
    crypto.getRandomValues(pool);
    unused = pool.length;
  }
  unused -= 1;
  return pool[unused] ?? 0;
}
