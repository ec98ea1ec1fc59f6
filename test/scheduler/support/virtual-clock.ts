/** Time that passes when the test says so. Between two instants everything that is ready to run has run. */
import type { Clock, Instant, Millis } from "../../../src/scheduler/ports.ts";

interface Sleeper {
  readonly until: Instant;
  readonly order: number;
  wake(): void;
}

export class VirtualClock implements Clock {
  #now: Instant = 0;
  #order = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): Instant {
    return this.#now;
  }

  /** Who is still waiting for time to pass. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(duration: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { until: this.#now + Math.max(0, duration), order: this.#order++, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** Runs `work` `duration` from now. */
  after(duration: Millis, work: () => void): void {
    void this.sleep(duration, new AbortController().signal).then(work);
  }

  async advance(duration: Millis): Promise<void> {
    const until = this.#now + duration;
    for (await drained(); ; await drained()) {
      const next = this.#next();
      if (next === null || next.until > until) break;
      this.#now = next.until;
      next.wake();
    }
    this.#now = until;
  }

  /** Lets time pass until `promise` has ended, at most `limit`. */
  async until<Result>(promise: Promise<Result>, limit: Millis = 10_000): Promise<Result> {
    let hasEnded = false;
    const note = () => {
      hasEnded = true;
    };
    promise.then(note, note);
    const last = this.#now + limit;
    for (await drained(); !hasEnded; await drained()) {
      const next = this.#next();
      if (next === null || next.until > last) throw new Error(`still waiting after ${limit} ms of virtual time`);
      this.#now = next.until;
      next.wake();
    }
    return promise;
  }

  #next(): Sleeper | null {
    let next: Sleeper | null = null;
    for (const sleeper of this.#sleepers) {
      if (next === null || sleeper.until < next.until || (sleeper.until === next.until && sleeper.order < next.order)) {
        next = sleeper;
      }
    }
    return next;
  }
}

/** One turn of the event loop empties the queue of microtasks. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
