/** Calls on one object, each where its reply says that it belongs: in numbers, 48 bytes a call. */

/** Change `n` itself is position 2n; the state after it, until the next change, is position 2n + 1. Both ends belong to it. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** A change that a call may have made without saying so. */
export interface Wish {
  /** As a change has it in `wanted`. */
  readonly change: string;
  /** How often at most. */
  readonly times: number;
}

const nowhere = -1;
const noRanges: readonly Range[] = [];

/** Calls of a page. */
const pageBits = 8;
const pageSize = 2 ** pageBits;
const inPage = pageSize - 1;
/** Where each number of a call is among its `wide`. */
const wide = 6;
const [fromAt, toAt, sentAt, madeAt, firstAt, lastAt] = [0, 1, 2, 3, 4, 5];

export class PlacedCalls {
  /**
   * The numbers of one call lie together: calls of many objects are added alternately, and each is then one memory
   * access, not six. Pages leave nothing over: a column that is outgrown is garbage outside of the heap, and some
   * 64 MiB of that trigger a collection of the whole heap.
   */
  readonly #pages: Float64Array[] = [];
  readonly #further = new Map<number, readonly Range[]>();
  readonly #wishes = new Map<number, Wish>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The change that each call may have made without saying so, for those that may have; in the order in which they were added. */
  get wishes(): ReadonlyMap<number, Wish> {
    return this.#wishes;
  }

  /**
   * One that made no change that it tells of and saw no state, until more is said of it.
   * @param from when it may have taken effect, to the earliest
   * @param to Infinity where it was not answered
   * @param sent when it was made, where it is not that
   * @returns its number
   */
  add(from: number, to: number, sent = from): number {
    const call = this.#size++;
    const at = wide * (call & inPage);
    if (at === 0) this.#pages.push(new Float64Array(wide * pageSize));
    const numbers = this.#pageOf(call);
    // Positions are from 0 on, so one below is none.
    numbers[at + fromAt] = from;
    numbers[at + toAt] = to;
    numbers[at + sentAt] = sent;
    numbers[at + madeAt] = nowhere;
    numbers[at + lastAt] = nowhere;
    return call;
  }

  from(call: number): number {
    return this.#at(call, fromAt);
  }

  /** Infinity where it was not answered. */
  to(call: number): number {
    return this.#at(call, toAt);
  }

  /** Copies the times of all calls in turn, for callers that go over them more than once. */
  copyTimes(which: "from" | "sent", starts: Float64Array, ends: Float64Array): void {
    const startAt = which === "from" ? fromAt : sentAt;
    let call = 0;
    for (const page of this.#pages) {
      for (let at = 0; at < page.length && call < this.#size; at += wide, call += 1) {
        starts[call] = page[at + startAt] as number;
        ends[call] = page[at + toAt] as number;
      }
    }
  }

  /** @param position of the change that its reply may tell of */
  mayHaveMade(call: number, position: number): void {
    this.#put(call, madeAt, position);
  }

  /** Where else it may have been, after all that was said before. */
  maySee(call: number, first: number, last: number): void {
    if (!this.sees(call)) {
      this.#put(call, firstAt, first);
      this.#put(call, lastAt, last);
      return;
    }
    this.#further.set(call, [...(this.#further.get(call) ?? noRanges), { first, last }]);
  }

  maySeeAll(call: number, ranges: readonly Range[]): void {
    const [one, ...more] = ranges;
    if (one === undefined) return;
    this.maySee(call, one.first, one.last);
    if (more.length > 0) this.#further.set(call, more);
  }

  wishFor(call: number, wish: Wish): void {
    this.#wishes.set(call, wish);
  }

  /** The position of the change that its reply may tell of; -1: of none. */
  madeBy(call: number): number {
    return this.#at(call, madeAt);
  }

  /** Whether it may have seen anything at all; a call that was answered and neither made nor saw anything has an impossible reply. */
  sees(call: number): boolean {
    return this.#at(call, lastAt) !== nowhere;
  }

  /** The earliest position from `floor` (0 or more) on where it may have been; -1: there is none. */
  earliestFrom(call: number, floor: number): number {
    if (this.#at(call, lastAt) >= floor) return Math.max(this.#at(call, firstAt), floor);
    if (this.#further.size === 0) return nowhere;
    for (const range of this.#further.get(call) ?? noRanges)
      if (range.last >= floor) return Math.max(range.first, floor);
    return nowhere;
  }

  /** Some of them, renumbered in the order given. */
  pick(chosen: readonly number[]): PlacedCalls {
    const picked = new PlacedCalls();
    for (const call of chosen) {
      const copy = picked.add(this.from(call), this.to(call));
      const at = wide * (call & inPage);
      picked.#pageOf(copy).set(this.#pageOf(call).subarray(at, at + wide), wide * (copy & inPage));
      const [further, wish] = [this.#further.get(call), this.#wishes.get(call)];
      if (further !== undefined) picked.#further.set(copy, further);
      if (wish !== undefined) picked.wishFor(copy, wish);
    }
    return picked;
  }

  #pageOf(call: number): Float64Array {
    return this.#pages[call >>> pageBits] as Float64Array;
  }

  #at(call: number, which: number): number {
    return this.#pageOf(call)[wide * (call & inPage) + which] as number;
  }

  #put(call: number, which: number, value: number): void {
    this.#pageOf(call)[wide * (call & inPage) + which] = value;
  }
}
