/**
 * Virtual time. It moves from one thing that is due to the next; between two of them everything that is ready to run runs (drain.ts).
 *
 * Time is counted in whole ticks, so that it is exact in every trace. Of what is due at one tick the seed decides the order; what shares a
 * lane (a direction of a connection) stays in the order in which it was sent.
 */
import type { Instant, Millis, Random } from "../../scheduler/ports.ts";
import { EventQueue } from "./queue.ts";

export const ticksInMs = 100;

/** Something that is going to happen. */
export interface Due {
  readonly owner: Owner | null;
  /** Of the owner when this was set: it does not happen to a later life of it. */
  readonly life: number;
  readonly tick: number;
  /** A timer of the owner's, as opposed to something that comes to it from outside. */
  readonly isTimer: boolean;
  /** It makes nothing ready to run: what comes after it need not wait for anything. */
  readonly isInert: boolean;
  /** null: called off. */
  work: (() => void) | null;
}

/** Whom things happen to: while it stands still they wait, and to a former life nothing happens any more. */
export interface Owner {
  readonly life: number;
  readonly isPaused: boolean;
  /** The tick until which it computes: what is due before happens then. Where computing is not charged for, always in the past. */
  busyUntil: number;
  /** For how long it has computed since the thing that happens now began. */
  readonly lag: Millis;
  postpone(due: Due): void;
}

/** Things on one lane happen in the order in which they were put there. */
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
  /** Two ties in one tick that were drawn alike are told apart by it. */
  #serial = 0;
  #tick: number;
  #now: Instant;
  #ran: Due | null = null;

  /** @param order decides between what is due at one tick */
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

  /** What happened last, or happens now. */
  get ran(): Due | null {
    return this.#ran;
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** Something that comes to `owner` from outside, or happens to the world. */
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

  /** Of the world, at a tick. */
  atTick(tick: number, work: () => void): Due {
    const due = { owner: null, life: 0, tick: Math.max(tick, this.#tick), isTimer: false, isInert: false, work };
    return this.#push(due, 0);
  }

  /** The owner computes for so long from now on, after what it computes already. @returns when it does */
  keepBusy(owner: Owner, duration: Millis): { readonly from: Millis; readonly to: Millis } {
    const begin = Math.max(owner.busyUntil, this.#tick);
    owner.busyUntil = begin + Math.round(duration * ticksInMs);
    return { from: begin / ticksInMs, to: owner.busyUntil / ticksInMs };
  }

  /** Not before what is on the lane already. */
  onLane(lane: Lane, duration: Millis, owner: Owner | null, work: () => void): Due {
    this.#reserve(lane, duration);
    const due = { owner, life: lifeOf(owner), tick: lane.tick, isTimer: false, isInert: false, work };
    return this.#push(due, lane.tie);
  }

  /** As `onLane`, of what only sets other things on the timeline, as a server does that is asked something: no promise is settled by it. */
  inertly(lane: Lane, duration: Millis, work: () => void): Due {
    this.#reserve(lane, duration);
    return this.#push({ owner: null, life: 0, tick: lane.tick, isTimer: false, isInert: true, work }, lane.tie);
  }

  /** What had been postponed happens now, in the order in which it is handed in. */
  catchUp(postponed: readonly Due[]): void {
    for (const due of postponed) if (due.work !== null) this.#defer(due, this.#tick);
  }

  /** Whoever holds it may still call it off, and learns from it that it has happened. */
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

  /** Nothing that was to happen will. */
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
