/** The simulator's time, advanced by the test. Between two instants everything that is ready to run has run. */

import type { Instant, Millis } from "../../../src/protocol/time.ts";
import type { Clock } from "../../../src/scheduler/ports.ts";
import { InstanceClock } from "../../../src/simulate/world/clock.ts";
import { pump } from "../../../src/simulate/world/drain.ts";
import { type Owner, Timeline, ticksInMs } from "../../../src/simulate/world/virtual-time.ts";

/** A process that never pauses and computes in no time. */
const process: Owner = { life: 1, isPaused: false, busyUntil: Number.NEGATIVE_INFINITY, lag: 0, postpone() {} };

export class VirtualClock implements Clock {
  /** Events of one tick happen in the order in which they were scheduled. */
  readonly timeline = new Timeline(0, { nextUint32: () => 0 });
  readonly #clock = new InstanceClock(this.timeline, process, 0);
  #sleeping = 0;

  now(): Instant {
    return this.timeline.now;
  }

  /** How many are still waiting for time to pass. */
  get sleeping(): number {
    return this.#sleeping;
  }

  async sleep(duration: Millis, signal: AbortSignal): Promise<void> {
    this.#sleeping += 1;
    await this.#clock.sleep(duration, signal);
    this.#sleeping -= 1;
  }

  /** Runs `work` `duration` from now. */
  after(duration: Millis, work: () => void): void {
    void this.sleep(duration, new AbortController().signal).then(work);
  }

  async advance(duration: Millis): Promise<void> {
    const last = this.#tickAfter(duration);
    await pump(() => this.timeline.step(last));
    this.timeline.atTick(last, () => {});
    this.timeline.step(last);
  }

  /** Lets time pass until `promise` has ended, at most `limit`. */
  async until<Result>(promise: Promise<Result>, limit: Millis = 10_000): Promise<Result> {
    let hasEnded = false;
    const note = () => {
      hasEnded = true;
    };
    promise.then(note, note);
    const last = this.#tickAfter(limit);
    await pump(() => !hasEnded && this.timeline.step(last));
    if (!hasEnded) throw new Error(`still waiting after ${limit} ms of virtual time`);
    return promise;
  }

  #tickAfter(duration: Millis): number {
    return Math.round((this.timeline.now + duration) * ticksInMs);
  }
}
