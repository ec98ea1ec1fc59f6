/** A list of 32-bit integers outside the heap: for one number a state or a step, of which there may be a hundred million. */
import { OutOfMemory } from "./store.ts";

/** Bytes that lists may still take. */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @throws OutOfMemory before anything is taken */
  take(bytes: number): void {
    if (bytes > this.#left) throw new OutOfMemory(`${bytes} bytes more do not fit the memory allowed`);
    this.#left -= bytes;
  }

  /** Memory that is taken during the work counts as free again after it. */
  during<Result>(work: () => Result): Result {
    const before = this.#left;
    try {
      return work();
    } finally {
      this.#left = before;
    }
  }
}

const bytesEach = Int32Array.BYTES_PER_ELEMENT;

export class Ints {
  readonly #budget: Budget | undefined;
  #values = new Int32Array(1024);
  length = 0;

  /** @param budget absent: no limit */
  constructor(budget?: Budget) {
    this.#budget = budget;
  }

  /** @throws OutOfMemory where the budget has no room for a list twice as long */
  push(value: number): void {
    if (this.length === this.#values.length) {
      this.#budget?.take(this.#values.length * bytesEach);
      const larger = new Int32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** @returns 0 beyond the end */
  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}
