/** Calls on one object, each where its reply says that it belongs: in columns of numbers, 48 bytes a call. */

/** Change `n` itself is position 2n; the state after it, until the next change, is position 2n + 1. Both ends belong to it. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** What a call may have done without saying so. */
export interface Wish {
  /** As a change has it in `wanted`. */
  readonly change: string;
  /** How often at most. */
  readonly times: number;
}

const nowhere = -1;
const noRanges: readonly Range[] = [];

export class PlacedCalls {
  readonly from: Float64Array;
  /** Infinity where it was not answered. */
  readonly to: Float64Array;
  /** Positions are from 0 on, so one below is none. */
  readonly #made: Float64Array;
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #further = new Map<number, readonly Range[]>();
  readonly #wishes = new Map<number, Wish>();
  #size = 0;

  /** @param most how many are added at most */
  constructor(most: number) {
    this.from = new Float64Array(most);
    this.to = new Float64Array(most);
    this.#made = new Float64Array(most);
    this.#first = new Float64Array(most);
    this.#last = new Float64Array(most);
  }

  get size(): number {
    return this.#size;
  }

  /** What each may have done without saying so, of those that may have; in the order in which they were added. */
  get wishes(): ReadonlyMap<number, Wish> {
    return this.#wishes;
  }

  /** One that made no change that it tells of and saw no state, until more is said of it. @returns its number */
  add(from: number, to: number): number {
    const call = this.#size++;
    this.from[call] = from;
    this.to[call] = to;
    this.#made[call] = nowhere;
    this.#last[call] = nowhere;
    return call;
  }

  /** @param position of the change that its reply may tell of */
  mayHaveMade(call: number, position: number): void {
    this.#made[call] = position;
  }

  /** Where else it may have been, after all that was said before. */
  maySee(call: number, first: number, last: number): void {
    if ((this.#last[call] ?? nowhere) === nowhere) {
      this.#first[call] = first;
      this.#last[call] = last;
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
    return this.#made[call] ?? nowhere;
  }

  /** Whether it may have seen anything at all; a call that was answered and neither made nor saw anything has an impossible reply. */
  sees(call: number): boolean {
    return (this.#last[call] ?? nowhere) !== nowhere;
  }

  /** The earliest position from `floor` (0 or more) on where it may have been; -1: there is none. */
  earliestFrom(call: number, floor: number): number {
    const last = this.#last[call] ?? nowhere;
    if (last >= floor) return Math.max(this.#first[call] ?? 0, floor);
    if (this.#further.size === 0) return nowhere;
    for (const range of this.#further.get(call) ?? noRanges)
      if (range.last >= floor) return Math.max(range.first, floor);
    return nowhere;
  }

  /** Some of them, renumbered in the order given. */
  pick(chosen: readonly number[]): PlacedCalls {
    const picked = new PlacedCalls(chosen.length);
    for (const call of chosen) {
      const copy = picked.add(this.from[call] ?? 0, this.to[call] ?? 0);
      picked.mayHaveMade(copy, this.madeBy(call));
      if (this.sees(call)) picked.maySee(copy, this.#first[call] ?? 0, this.#last[call] ?? 0);
      const [further, wish] = [this.#further.get(call), this.#wishes.get(call)];
      if (further !== undefined) picked.#further.set(copy, further);
      if (wish !== undefined) picked.wishFor(copy, wish);
    }
    return picked;
  }
}
