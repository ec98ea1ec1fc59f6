/** The clock of one life of an instance: virtual, with an origin of its own; it stands still for who stands still. */
import type { Clock, Instant, Millis } from "../scheduler/ports.ts";
import type { Due, Owner, Timeline } from "./timeline.ts";

/** One who sleeps, and where in its group it stands. */
interface Sleeper {
  readonly due: Due;
  readonly resolve: () => void;
  place: number;
}

export class InstanceClock implements Clock {
  readonly #timeline: Timeline;
  readonly #owner: Owner;
  readonly #origin: Millis;
  /** Who sleeps under which signal: one listener a signal, since a listener costs more than all the rest. */
  readonly #sleepers = new WeakMap<AbortSignal, Sleeper[]>();

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
        leave(group, sleeper);
        resolve();
      });
      const sleeper: Sleeper = { due, resolve, place: group.length };
      group.push(sleeper);
    });
  }

  #groupOf(signal: AbortSignal): Sleeper[] {
    const known = this.#sleepers.get(signal);
    if (known !== undefined) return known;
    const group: Sleeper[] = [];
    this.#sleepers.set(signal, group);
    const wakeAll = (): void => {
      for (const { due, resolve } of group.splice(0)) {
        due.work = null;
        resolve();
      }
    };
    signal.addEventListener("abort", wakeAll, { once: true });
    return group;
  }
}

/** The last of the group takes its place. */
function leave(group: Sleeper[], { place }: Sleeper): void {
  const last = group.pop();
  if (last === undefined || last.place === place) return;
  last.place = place;
  group[place] = last;
}
