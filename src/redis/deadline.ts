/** Waits for an answer for at most `deadline` ms. The call itself continues; a late answer is dropped. */
import type { Millis } from "../protocol/time.ts";

export const late = Symbol("late");

export function within<T>(call: Promise<T>, deadline: Millis): Promise<T | typeof late> {
  return new Promise((resolve, reject) => {
    // After a stall of this process timers fire before replies are read that have long arrived: one turn of I/O first.
    const timer = setTimeout(() => setImmediate(resolve, late), deadline);
    call.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
