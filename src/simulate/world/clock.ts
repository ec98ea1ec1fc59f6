/** The clock of one life of an instance: virtual, with an origin of its own. Its timers wait while the instance is paused. */

import type { Instant, Millis } from "../../protocol/time.ts";
import { type Member, SwapRemoveSet } from "../../scheduler/calls/swap-remove-set.ts";
import type { Clock } from "../../scheduler/ports.ts";
import type { Due, Owner, Timeline } from "./virtual-time.ts";

interface Sleeper extends Member {
  readonly due: Due;
  readonly resolve: () => void;
}

export class InstanceClock implements Clock {
  readonly #timeline: Timeline;
  readonly #owner: Owner;
  readonly #origin: Millis;
  /** Signal -> its sleepers. One listener a signal, since adding a listener costs more than all the rest. */
  /** Timers that have neither fired nor been cancelled. */
  #pending = 0;
  readonly #sleepers = new WeakMap<AbortSignal, SwapRemoveSet<Sleeper>>();

  /** @param origin added to the time, so that the clocks of two instances cannot be compared */
  constructor(timeline: Timeline, owner: Owner, origin: Millis) {
    this.#timeline = timeline;
    this.#owner = owner;
    this.#origin = origin;
  }

  now(): Instant {
    return this.#timeline.now + this.#origin;
  }

  get pending(): number {
    return this.#pending;
  }

  sleep(duration: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.#pending += 1;
    return new Promise((resolve) => {
      const group = this.#groupOf(signal);
      const due = this.#timeline.timer(duration, this.#owner, () => {
        group.leave(sleeper);
        this.#pending -= 1;
        resolve();
      });
      const sleeper: Sleeper = { due, resolve, place: 0 };
      group.join(sleeper);
    });
  }

  #groupOf(signal: AbortSignal): SwapRemoveSet<Sleeper> {
    const known = this.#sleepers.get(signal);
    if (known !== undefined) return known;
    const group = new SwapRemoveSet<Sleeper>();
    this.#sleepers.set(signal, group);
    const wakeAll = (): void => {
      for (const sleeper of group) {
        group.leave(sleeper);
        this.#pending -= 1;
        sleeper.due.work = null;
        sleeper.resolve();
      }
    };
    signal.addEventListener("abort", wakeAll, { once: true });
    return group;
  }
}

/** A clock that advances while its owner computes, so that a loop that polls the clock ends. */
export class ChargedClock extends InstanceClock {
  readonly #computing: Owner;

  constructor(timeline: Timeline, owner: Owner, origin: Millis) {
    super(timeline, owner, origin);
    this.#computing = owner;
  }

  override now(): Instant {
    return super.now() + this.#computing.lag;
  }
}
