/**
 * The nodes that suit one kind of request, those with room apart, so that choosing a few costs nothing for the others.
 *
 * Each place of an answer takes the better of two candidates that are drawn. So of k candidates none is the first choice of more than 2/k of the requests
 * that meet the same state, however much better than the others it is: instances with the same view do not all choose the same node.
 * @see M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001
 */

import type { NodeState } from "../../protocol/node.ts";
import { invariant } from "../invariant.ts";
import type { Random } from "../ports.ts";

/** One online node in the index. */
export interface Entry {
  node: NodeState;
  isFull: boolean;
  seats: Seat[];
}

/** The place of one node in one bucket. */
interface Seat {
  readonly bucket: CandidateBucket;
  readonly entry: Entry;
  /** Among the seats that are as full as the entry. */
  position: number;
}

/** Whether it has no room as far as the view knows. */
export function isFull({ current_jobs, max_jobs }: NodeState): boolean {
  return current_jobs >= max_jobs;
}

/** Takes another state of the same node, of the same place, into account. */
export function update(entry: Entry, node: NodeState): void {
  const willBeFull = isFull(node);
  if (willBeFull !== entry.isFull) {
    for (const seat of entry.seats) seat.bucket.leave(seat);
    entry.isFull = willBeFull;
    for (const seat of entry.seats) seat.bucket.enter(seat);
  }
  entry.node = node;
}

export class CandidateBucket {
  readonly #services: readonly string[];
  readonly #open: Seat[] = [];
  /** Never drawn from. */
  readonly #full: Seat[] = [];
  /** Whether it was used since the last check for eviction. */
  wasUsed = false;

  constructor(services: readonly string[]) {
    this.#services = services;
  }

  suits(node: NodeState): boolean {
    return this.#services.every((service) => node.services.includes(service));
  }

  seat(entry: Entry): void {
    const seat: Seat = { bucket: this, entry, position: 0 };
    entry.seats.push(seat);
    this.enter(seat);
  }

  enter(seat: Seat): void {
    seat.position = this.#seatsLike(seat).push(seat) - 1;
  }

  leave(seat: Seat): void {
    const seats = this.#seatsLike(seat);
    const last = seats.pop();
    invariant(last !== undefined, "a seat is among those that are as full", { node: seat.entry.node.node });
    if (last === seat) return;
    seats[seat.position] = last;
    last.position = seat.position;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const seats of [this.#open, this.#full]) for (const { entry } of seats) yield entry;
  }

  /** Appends to `chosen` until it has `count`, each time the better of two that are drawn.
   * @param jobsOf how many jobs count against a node's room: those of the view and those that it does not show yet
   */
  draw(chosen: NodeState[], count: number, random: Random, jobsOf: (node: NodeState) => number): void {
    const seats = this.#open;
    /** Seats before this are chosen, or have no room. */
    let from = 0;
    const contender = (after: 0 | 1): NodeState | undefined => {
      for (;;) {
        const node = drawn(seats, from + after, random);
        if (node === undefined || jobsOf(node) < node.max_jobs) return node;
        if (after === 1) swap(seats, from, from + 1);
        from += 1;
      }
    };
    for (; chosen.length < count; from += 1) {
      const one = contender(0);
      if (one === undefined) return;
      const other = contender(1);
      const isOther = other !== undefined && isBetter(other, one, jobsOf);
      if (isOther) swap(seats, from, from + 1);
      chosen.push(isOther ? other : one);
    }
  }

  #seatsLike({ entry }: Seat): Seat[] {
    return entry.isFull ? this.#full : this.#open;
  }
}

/** By health less the share of the places that are taken (docs/instance.md), compared as fractions of whole numbers: what is equal counts as equal. */
function isBetter(one: NodeState, other: NodeState, jobsOf: (node: NodeState) => number): boolean {
  return worth(one, jobsOf(one)) * other.max_jobs > worth(other, jobsOf(other)) * one.max_jobs;
}

/** Thousandths of the rank, times the node's capacity. */
function worth({ health_milli, max_jobs }: NodeState, jobs: number): number {
  return health_milli * max_jobs - 1_000 * jobs;
}

/** Brings a random seat at or after `at` there; undefined: there is none. */
function drawn(seats: Seat[], at: number, random: Random): NodeState | undefined {
  if (at >= seats.length) return undefined;
  const other = at + Math.floor((random.nextUint32() / 0x1_0000_0000) * (seats.length - at));
  swap(seats, at, other);
  return seats[at]?.entry.node;
}

function swap(seats: Seat[], one: number, other: number): void {
  const [seat, before] = [seats[other], seats[one]];
  if (seat === undefined || before === undefined) return;
  seats[one] = seat;
  seats[other] = before;
  before.position = other;
  seat.position = one;
}
