/** Time that a check lets pass, so that each of its answers is exact: between two instants everything that is ready to run has run. */
import type { Instant, Millis } from "../../../protocol/time.ts";
import type { Clock } from "../../../scheduler/ports.ts";

interface Sleeper {
  readonly at: Instant;
  readonly wake: () => void;
}

/** More than any check lets happen in one go: an instance that never sleeps would keep time from passing. */
const mostSteps = 250_000;

export class SteppedClock implements Clock {
  /** Not 0, so that a sum in place of a difference shows. */
  #now: Instant = 1_000;
  #sleepers: readonly Sleeper[] = [];

  now(): Instant {
    return this.#now;
  }

  /** How many wait for time to pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(duration: Millis, signal: AbortSignal = never): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { at: this.#now + duration, wake };
      this.#sleepers = [...this.#sleepers, sleeper];
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** @throws RangeError when the instance does not let time pass */
  async advance(duration: Millis): Promise<void> {
    const end = this.#now + duration;
    await settled();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settled();
    }
    this.#now = end;
  }

  /** Lets time pass until `promise` has ended. @throws RangeError when it has not within `limit` */
  async until<Result>(promise: Promise<Result>, limit: Millis = 5_000): Promise<Result> {
    let hasEnded = false;
    const note = (): void => {
      hasEnded = true;
    };
    promise.then(note, note);
    const end = this.#now + limit;
    await settled();
    while (!hasEnded) {
      const next = this.#next(end);
      if (next === null) throw new RangeError(`a call had not ended after ${limit} ms`);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settled();
    }
    return promise;
  }

  #steps = 0;

  /** The first that is due by `end`; of several, the one that began to sleep first. */
  #next(end: Instant): Sleeper | null {
    this.#steps += 1;
    if (this.#steps > mostSteps) throw new RangeError(`the instance keeps time from passing at ${this.#now} ms`);
    let first: Sleeper | null = null;
    for (const sleeper of this.#sleepers)
      if (sleeper.at <= end && (first === null || sleeper.at < first.at)) first = sleeper;
    return first;
  }
}

const never = new AbortController().signal;

/** Everything that is ready to run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
