/**
 * Virtual time. It advances from one event to the next; between two events everything that is ready to run runs (drain.ts).
 *
 * Time is counted in whole ticks, so that it is exact in every trace. The seed decides the order of events at one tick; events on one lane (a
 * direction of a connection) keep the order in which they were sent.
 */

import type { Instant, Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import { EventQueue } from "./queue.ts";

export const ticksInMs = 100;
/** Sums of times that are equal differ by less than half a tick. */
export const sameTime: Millis = 0.5 / ticksInMs;

/** A scheduled event. */
export interface Due {
  readonly owner: Owner | null;
  /** The life of the owner when this was scheduled: it does not happen to a later one. */
  readonly life: number;
  readonly tick: number;
  /** A timer of the owner, as opposed to an event from outside. */
  readonly isTimer: boolean;
  /** It makes nothing ready to run, so the next event need not wait for anything. */
  readonly isInert: boolean;
  /** null: cancelled, or done. */
  work: (() => void) | null;
}

/** A process to which events happen: while it is paused they wait, and events of a former life are dropped. */
export interface Owner {
  readonly life: number;
  readonly isPaused: boolean;
  /** The tick until which it computes: earlier events wait until then. Always in the past where computing takes no time. */
  busyUntil: number;
  /** For how long it has computed since the current event began. */
  readonly lag: Millis;
  postpone(due: Due): void;
}

/** Events on one lane happen in the order in which they were scheduled. */
export interface Lane {
  tick: number;
  tie: number;
}

export function newLane(): Lane {
  return { tick: Number.NEGATIVE_INFINITY, tie: 0 };
}

const tieBits = 20;

function lifeOf(owner: Owner | null): number {
  return owner === null ? 0 : owner.life;
}

export class Timeline {
  readonly #queue = new EventQueue<Due>();
  readonly #order: Random;
  /** Distinguishes events of one tick with equal ties. */
  #serial = 0;
  #tick: number;
  #now: Instant;
  #ran: Due | null = null;

  /** @param order decides the order of events at one tick */
  constructor(begin: Millis, order: Random) {
    this.#tick = Math.round(begin * ticksInMs);
    this.#now = this.#tick / ticksInMs;
    this.#order = order;
  }

  get tick(): number {
    return this.#tick;
  }

  /** Milliseconds since the start of the load; before it, below 0. */
  get now(): Instant {
    return this.#now;
  }

  /** The event that happens now, or happened last. */
  get ran(): Due | null {
    return this.#ran;
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** An event from outside to `owner`, or one of the world. */
  after(duration: Millis, owner: Owner | null, work: () => void): Due {
    const tick = this.#tickAfter(duration);
    return this.#push({ owner, life: lifeOf(owner), tick, isTimer: false, isInert: false, work }, this.#tie());
  }

  at(instant: Instant, owner: Owner | null, work: () => void): Due {
    const tick = Math.max(this.#tick, Math.ceil(instant * ticksInMs - 1e-6));
    return this.#push({ owner, life: lifeOf(owner), tick, isTimer: false, isInert: false, work }, this.#tie());
  }

  /** A timer of `owner`. */
  timer(duration: Millis, owner: Owner, work: () => void): Due {
    const tick = this.#tickAfter(duration + owner.lag);
    return this.#push({ owner, life: owner.life, tick, isTimer: true, isInert: false, work }, this.#tie());
  }

  /** An event of the world, at a tick. */
  atTick(tick: number, work: () => void): Due {
    const due = { owner: null, life: 0, tick: Math.max(tick, this.#tick), isTimer: false, isInert: false, work };
    return this.#push(due, 0);
  }

  /** The owner computes for so long, after what it computes already. @returns the interval of this computation */
  keepBusy(owner: Owner, duration: Millis): { readonly from: Millis; readonly to: Millis } {
    const begin = Math.max(owner.busyUntil, this.#tick);
    owner.busyUntil = begin + Math.round(duration * ticksInMs);
    return { from: begin / ticksInMs, to: owner.busyUntil / ticksInMs };
  }

  /** An event that happens after those that are on the lane already. */
  onLane(lane: Lane, duration: Millis, owner: Owner | null, work: () => void): Due {
    this.#reserve(lane, duration);
    const due = { owner, life: lifeOf(owner), tick: lane.tick, isTimer: false, isInert: false, work };
    return this.#push(due, lane.tie);
  }

  /** As `onLane`, for an event that only schedules others, such as a request that arrives at a server: no promise is settled by it. */
  inertly(lane: Lane, duration: Millis, work: () => void): Due {
    this.#reserve(lane, duration);
    return this.#push({ owner: null, life: 0, tick: lane.tick, isTimer: false, isInert: true, work }, lane.tie);
  }

  /** Postponed events happen now, in the given order. */
  catchUp(postponed: readonly Due[]): void {
    for (const due of postponed) if (due.work !== null) this.#defer(due, this.#tick);
  }

  /** The holder of `due` may still cancel it, and sees from its `work` whether it has happened. */
  #defer(due: Due, tick: number): void {
    const work = (): void => {
      const { work: deferred } = due;
      due.work = null;
      deferred?.();
    };
    const { isTimer, owner } = due;
    this.#push({ owner, life: lifeOf(owner), tick, isTimer, isInert: false, work }, 0);
  }

  /**
   * The next event happens, and all inert ones before it.
   * @param last nothing happens after this tick
   * @returns false when no event is left until then
   */
  step(last = Number.POSITIVE_INFINITY): boolean {
    while (this.#queue.nextTime <= last) {
      const due = this.#queue.pop();
      if (due === undefined) return false;
      const { owner, tick, work } = due;
      if (work === null) continue;
      if (owner !== null) {
        if (owner.life !== due.life) continue;
        if (owner.isPaused) {
          owner.postpone(due);
          continue;
        }
        if (owner.busyUntil > tick) {
          this.#defer(due, owner.busyUntil);
          continue;
        }
      }
      this.#tick = tick;
      this.#now = tick / ticksInMs;
      due.work = null;
      this.#ran = due;
      work();
      if (!due.isInert) return true;
    }
    return false;
  }

  /** Drops all events. */
  clear(): void {
    while (this.#queue.pop() !== undefined);
  }

  #reserve(lane: Lane, duration: Millis): void {
    const tick = this.#tickAfter(duration);
    if (tick <= lane.tick) return;
    lane.tick = tick;
    lane.tie = this.#tie();
  }

  /** Callers write the fields of `due` in the order of the interface, so that V8 gives all entries one hidden class. */
  #push(due: Due, tie: number): Due {
    this.#queue.push(due.tick, tie * 2 ** 32 + this.#serial++, due);
    return due;
  }

  #tickAfter(duration: Millis): number {
    if (duration <= 0) return this.#tick;
    // Never too short; and what a sum of fractions adds to a whole number of ticks counts as none.
    return this.#tick + Math.max(1, Math.ceil(duration * ticksInMs - 1e-6));
  }

  #tie(): number {
    return 1 + (this.#order.nextUint32() >>> (32 - tieBits));
  }
}
