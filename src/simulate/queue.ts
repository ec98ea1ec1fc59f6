/** What is going to happen, in its order: by time, then by rank. A binary heap in flat arrays. */

export class EventQueue<Item> {
  #times = new Float64Array(1_024);
  #ranks = new Float64Array(1_024);
  readonly #items: (Item | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the first; infinity where there is none. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** @param rank decides between two of one time; no two are equal */
  push(time: number, rank: number, item: Item): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const ranks = this.#ranks;
    const items = this.#items;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime < time || (parentTime === time && (ranks[parent] as number) < rank)) break;
      times[index] = parentTime;
      ranks[index] = ranks[parent] as number;
      items[index] = items[parent];
      index = parent;
    }
    times[index] = time;
    ranks[index] = rank;
    items[index] = item;
  }

  /** Takes the first; undefined where there is none. */
  pop(): Item | undefined {
    if (this.#size === 0) return undefined;
    const items = this.#items;
    const first = items[0];
    const last = --this.#size;
    const time = this.#times[last] as number;
    const rank = this.#ranks[last] as number;
    const item = items[last];
    items[last] = undefined;
    if (last > 0) this.#sink(time, rank, item);
    return first;
  }

  #sink(time: number, rank: number, item: Item | undefined): void {
    const times = this.#times;
    const ranks = this.#ranks;
    const items = this.#items;
    const size = this.#size;
    let index = 0;
    for (let child = 1; child < size; child = 2 * index + 1) {
      const right = child + 1;
      if (right < size && comesBefore(times, ranks, right, child)) child = right;
      const childTime = times[child] as number;
      if (childTime > time || (childTime === time && (ranks[child] as number) > rank)) break;
      times[index] = childTime;
      ranks[index] = ranks[child] as number;
      items[index] = items[child];
      index = child;
    }
    times[index] = time;
    ranks[index] = rank;
    items[index] = item;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const ranks = new Float64Array(this.#ranks.length * 2);
    ranks.set(this.#ranks);
    this.#ranks = ranks;
  }
}

function comesBefore(times: Float64Array, ranks: Float64Array, one: number, other: number): boolean {
  const [a, b] = [times[one] as number, times[other] as number];
  return a < b || (a === b && (ranks[one] as number) < (ranks[other] as number));
}
