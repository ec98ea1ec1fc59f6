/** A list of 32-bit integers outside the heap: for one number a state or a step, of which there may be a hundred million. */
export class Ints {
  #values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
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
