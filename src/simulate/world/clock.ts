/** The clock of one life of an instance: virtual, with an origin of its own; it stands still for who stands still. */
import { type Member, SwapRemoveSet } from "../../scheduler/calls/swap-remove-set.ts";
import type { Clock, Instant, Millis } from "../../scheduler/ports.ts";
import type { Due, Owner, Timeline } from "./virtual-time.ts";

interface Sleeper extends Member {
  readonly due: Due;
  readonly resolve: () => void;
}

export class InstanceClock implements Clock {
  readonly #timeline: Timeline;
  readonly #owner: Owner;
  readonly #origin: Millis;
  /** Who sleeps under which signal: one listener a signal, since a listener costs more than all the rest. */
  readonly #sleepers = new WeakMap<AbortSignal, SwapRemoveSet<Sleeper>>();

  /** @param origin added to the time, so that nobody can compare it with another instance's */
  constructor(timeline: Timeline, owner: Owner, origin: Millis) {
    this.#timeline = timeline;
    this.#owner = owner;
    this.#origin = origin;
  }

  now(): Instant {
    return this.#timeline.now + this.#origin;
  }

  sleep(duration: Millis, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const group = this.#groupOf(signal);
      const due = this.#timeline.timer(duration, this.#owner, () => {
        group.leave(sleeper);
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
        sleeper.due.work = null;
        sleeper.resolve();
      }
    };
    signal.addEventListener("abort", wakeAll, { once: true });
    return group;
  }
}

/** It goes on while its owner computes: whoever waits for it by looking at it again and again does not wait for ever. */
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
