/** The clock of one life of an instance: virtual, with an origin of its own; it stands still for who stands still. */
import type { Clock, Instant, Millis } from "../scheduler/ports.ts";
import type { Owner, Timeline } from "./timeline.ts";

type Wake = () => void;

export class InstanceClock implements Clock {
  readonly #timeline: Timeline;
  readonly #owner: Owner;
  readonly #origin: Millis;
  /** Who sleeps under which signal: one listener a signal, since a listener costs more than all the rest. */
  readonly #sleepers = new WeakMap<AbortSignal, Set<Wake>>();

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
      const wake = (): void => {
        group.delete(wake);
        due.work = null;
        resolve();
      };
      const due = this.#timeline.timer(duration, this.#owner, wake);
      group.add(wake);
    });
  }

  #groupOf(signal: AbortSignal): Set<Wake> {
    const known = this.#sleepers.get(signal);
    if (known !== undefined) return known;
    const group = new Set<Wake>();
    this.#sleepers.set(signal, group);
    signal.addEventListener(
      "abort",
      () => {
        for (const wake of [...group]) wake();
      },
      { once: true },
    );
    return group;
  }
}
