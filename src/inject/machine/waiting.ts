/**
 * CPU starvation of a process from one look at its threads to the next. Starvation of its first thread delays the process for certain. That of another
 * thread does so only while the first one sleeps, and only if it sleeps for that thread: in a garbage collection, or in a program that works on any
 * thread.
 */
import type { Millis, Stall } from "../../check/history.ts";
import { type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";

type Times = ReadonlyMap<number, ThreadTime>;

/** Less than this between two looks is normal scheduling. */
const shortest: Millis = 0.2;

export class Waiting {
  #lookedAt: Millis;
  #times: Times | null = null;
  #process = 0;
  /** The first thread has not run since then. */
  #sleepsSince: Millis;

  constructor(at: Millis) {
    this.#lookedAt = at;
    this.#sleepsSince = at;
  }

  /** @param times of the threads of `process`; null: the kernel does not report them. @returns null where it did not wait, or this is the first look at it */
  look(at: Millis, process: number, times: Times | null): Pick<Stall, "since" | "at" | "lasted" | "waited"> | null {
    const [lookedAt, before] = [this.#lookedAt, process === this.#process ? this.#times : null];
    this.#lookedAt = at;
    this.#times = times;
    this.#process = process;
    if (before === null || times === null) {
      this.#sleepsSince = at;
      return null;
    }
    const spent = [...times].map(([thread, time]) => ({ thread, ...timeBetween(before.get(thread), time) }));
    const first = spent.find(({ thread }) => thread === process) ?? { ran: 0, waited: 0 };
    const slept = Math.max(0, at - this.#sleepsSince - first.ran - first.waited);
    const others = spent.reduce((sum, { thread, waited }) => sum + (thread === process ? 0 : waited), 0);
    if (first.ran > 0) this.#sleepsSince = lookedAt;
    const lasted = first.waited + Math.min(slept, others);
    if (lasted < shortest) return null;
    // The kernel counts a wait when it is over; it may have begun long before the last look.
    return { since: Math.min(lookedAt, at - lasted), at, lasted, waited: first.waited };
  }
}
