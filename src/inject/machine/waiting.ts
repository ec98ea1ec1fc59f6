/**
 * How long a process was kept waiting for a processor, from one look at its threads to the next. That its first thread stood in line kept it
 * waiting for certain; that others did, only while the first one slept, and only if it slept for one of them, as in a collection of garbage or in
 * a program whose work is on any thread.
 */
import type { Millis, Stall } from "../../check/history.ts";
import { type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";

type Times = ReadonlyMap<number, ThreadTime>;

/** Less than this between two looks is the grain of things. */
const shortest: Millis = 0.2;

export class Waiting {
  #lookedAt: Millis;
  #times: Times | null = null;
  #process = 0;
  /** The first thread has not run since. */
  #sleepsSince: Millis;

  constructor(at: Millis) {
    this.#lookedAt = at;
    this.#sleepsSince = at;
  }

  /** @param times of the threads of `process`; null: nobody tells. @returns null where it did not wait, or this is the first look at it */
  look(at: Millis, process: number, times: Times | null): Pick<Stall, "since" | "at" | "lasted" | "waited"> | null {
    const [lookedAt, before] = [this.#lookedAt, process === this.#process ? this.#times : null];
    this.#lookedAt = at;
    this.#times = times;
    this.#process = process;
    if (before === null || times === null) {
      this.#sleepsSince = at;
      return null;
    }
    const told = [...times].map(([thread, time]) => ({ thread, ...timeBetween(before.get(thread), time) }));
    const first = told.find(({ thread }) => thread === process) ?? { ran: 0, waited: 0 };
    const slept = Math.max(0, at - this.#sleepsSince - first.ran - first.waited);
    const others = told.reduce((sum, { thread, waited }) => sum + (thread === process ? 0 : waited), 0);
    if (first.ran > 0) this.#sleepsSince = lookedAt;
    const lasted = first.waited + Math.min(slept, others);
    if (lasted < shortest) return null;
    // A wait is told of when it is over, and may have begun long before the last look.
    return { since: Math.min(lookedAt, at - lasted), at, lasted, waited: first.waited };
  }
}
