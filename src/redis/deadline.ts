/** An answer within a time: the call's own, or that none came. The call itself goes on; a late answer is dropped. */
import type { Millis } from "../scheduler/ports.ts";

export const late = Symbol("late");

export function within<T>(call: Promise<T>, deadline: Millis): Promise<T | typeof late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, deadline, late);
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
