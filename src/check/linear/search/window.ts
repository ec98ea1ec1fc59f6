/** The answered calls that are in flight at one moment of a search, each at its place. */

export class Window {
  readonly #numbers: number[];
  /** The places of those that change nothing, and of the others; in no order. */
  readonly reads: number[];
  readonly writes: number[];

  constructor(numbers: readonly number[] = [], reads: readonly number[] = [], writes: readonly number[] = []) {
    this.#numbers = numbers.slice();
    this.reads = reads.slice();
    this.writes = writes.slice();
  }

  /** The number of the call at a place. */
  at(place: number): number {
    return this.#numbers[place] as number;
  }

  open(number: number, place: number, isRead: boolean): void {
    this.#numbers[place] = number;
    (isRead ? this.reads : this.writes).push(place);
  }

  close(place: number, isRead: boolean): void {
    const places = isRead ? this.reads : this.writes;
    const last = places.pop() as number;
    if (last !== place) places[places.indexOf(place)] = last;
  }

  /** The places of all, in ascending order. */
  get places(): readonly number[] {
    return [...this.reads, ...this.writes].sort((a, b) => a - b);
  }

  copy(): Window {
    return new Window(this.#numbers, this.reads, this.writes);
  }
}
