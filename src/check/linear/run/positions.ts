/** Looking things up by the positions of changes (placed-calls.ts), which are many and in ascending order. */

/**
 * The number of the last of `positions` at or before `position`; -1: none.
 * @param near what was found last: calls come about in order, so the next one is near it
 */
function lastUpTo(positions: ArrayLike<number>, position: number, near: number): number {
  let [low, high] = [0, positions.length];
  if (near >= 0 && (positions[near] as number) > position) {
    high = near;
    for (let stride = 1; high > 0; stride *= 2) {
      low = Math.max(0, high - stride);
      if ((positions[low] as number) <= position) break;
      high = low;
    }
  } else {
    low = near + 1;
    for (let stride = 1; low < high; stride *= 2) {
      const probe = low + stride - 1;
      if (probe >= high) break;
      if ((positions[probe] as number) > position) {
        high = probe;
        break;
      }
      low = probe + 1;
    }
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] as number) <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const none = -1;

/** A number from 0 on at some of the positions; those that are no change's have one too. */
export class AtPositions {
  readonly #positions: ArrayLike<number>;
  readonly #numbers: Int32Array;
  /** At positions at which no change was seen. */
  readonly #others = new Map<number, number>();
  #near = none;

  constructor(positions: ArrayLike<number>) {
    this.#positions = positions;
    this.#numbers = new Int32Array(positions.length).fill(none);
  }

  /** -1: there is none. */
  at(position: number): number {
    const index = this.#find(position);
    return index === none ? (this.#others.get(position) ?? none) : (this.#numbers[index] as number);
  }

  /** At that of one of the changes; where several are at the same, it is the last one's. */
  ofChange(change: number): number {
    let last = change;
    while (this.#positions[last + 1] === this.#positions[change]) last += 1;
    return this.#numbers[last] as number;
  }

  put(position: number, number: number): void {
    const index = this.#find(position);
    if (index === none) this.#others.set(position, number);
    else this.#numbers[index] = number;
  }

  #find(position: number): number {
    this.#near = lastUpTo(this.#positions, position, this.#near);
    return this.#near >= 0 && this.#positions[this.#near] === position ? this.#near : none;
  }
}
