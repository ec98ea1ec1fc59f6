/**
 * Deadlines of many calls in flight. One sleeper for each duration, for its oldest call, instead of one for each call: most replies come in time, and
 * a timer that is set only to be cancelled would cost more than the rest of a call.
 */

import type { Instant, Millis } from "../../protocol/time.ts";
import type { Clock } from "../ports.ts";

/** Something that is to come within a time. */
export interface Deadline {
  /** The reply has come, or is no longer awaited: `expire` is not called. */
  met(): void;
}

class Awaited implements Deadline {
  readonly due: Instant;
  #expire: (() => void) | null;

  constructor(due: Instant, expire: () => void) {
    this.due = due;
    this.#expire = expire;
  }

  get isMet(): boolean {
    return this.#expire === null;
  }

  met(): void {
    this.#expire = null;
  }

  expire(): void {
    const expire = this.#expire;
    this.#expire = null;
    expire?.();
  }
}

/** All of one duration, so that what was set first is due first. */
interface Row {
  readonly awaited: Awaited[];
  /** Where in `awaited` the oldest is; those before it have been met. */
  first: number;
  isWatched: boolean;
  /** Looks again when the oldest is due: made once for the row, since nearly every call has to be waited for anew. */
  readonly look: () => void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #rows = new Map<Millis, Row>();
  readonly #stop = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expire` `duration` from now, unless the deadline is met before; never before it has returned. */
  set(duration: Millis, expire: () => void): Deadline {
    const row = this.#rowOf(duration);
    const awaited = new Awaited(this.#clock.now() + duration, expire);
    row.awaited.push(awaited);
    if (!row.isWatched) {
      row.isWatched = true;
      this.#watch(row, true);
    }
    return awaited;
  }

  /** Nothing expires any more, and all sleepers end. */
  close(): void {
    this.#stop.abort();
  }

  #rowOf(duration: Millis): Row {
    const known = this.#rows.get(duration);
    if (known !== undefined) return known;
    const look = (): void => this.#watch(row, false);
    const row: Row = { awaited: [], first: 0, isWatched: false, look };
    this.#rows.set(duration, row);
    return row;
  }

  /** @param isBeingSet the setter does not hold the newest deadline yet, so one that is past already (the process paused in here) must wait a turn */
  #watch(row: Row, isBeingSet: boolean): void {
    const { signal } = this.#stop;
    for (let oldest = nextOf(row); oldest !== null && !signal.aborted; oldest = nextOf(row)) {
      const left = oldest.due - this.#clock.now();
      if (left > 0 || isBeingSet) {
        // Rejects only where an `expire` throws, and those only settle promises.
        void (left > 0 ? this.#clock.sleep(left, signal) : Promise.resolve()).then(row.look);
        return;
      }
      oldest.expire();
    }
    row.isWatched = false;
  }
}

/** The oldest that has not been met; null: all have. Those before it are let go together: to take one from the front moves all the others. */
function nextOf(row: Row): Awaited | null {
  const { awaited } = row;
  while (awaited[row.first]?.isMet === true) row.first += 1;
  if (row.first * 2 > awaited.length) {
    awaited.splice(0, row.first);
    row.first = 0;
  }
  return awaited[row.first] ?? null;
}
