/** Scheduled items in their order: by time, then by rank. A binary heap in flat arrays. */

export class EventQueue<Item> {
  #times = new Float64Array(1_024);
  #ranks = new Float64Array(1_024);
  /** The slot of each item. The heap moves numbers and leaves items in place, since each move of an object has a write barrier. */
  #slots = new Int32Array(1_024);
  readonly #items: (Item | undefined)[] = [];
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The time of the first item; infinity when the queue is empty. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** @param rank decides between two of one time; no two are equal */
  push(time: number, rank: number, item: Item): void {
    if (this.#size === this.#times.length) this.#grow();
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    const times = this.#times;
    const ranks = this.#ranks;
    const slots = this.#slots;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime < time || (parentTime === time && (ranks[parent] as number) < rank)) break;
      times[index] = parentTime;
      ranks[index] = ranks[parent] as number;
      slots[index] = slots[parent] as number;
      index = parent;
    }
    times[index] = time;
    ranks[index] = rank;
    slots[index] = slot;
  }

  /** Removes the first item; undefined when the queue is empty. */
  pop(): Item | undefined {
    if (this.#size === 0) return undefined;
    const slot = this.#slots[0] as number;
    const first = this.#items[slot];
    this.#items[slot] = undefined;
    this.#free.push(slot);
    const last = --this.#size;
    if (last > 0) this.#sink(this.#times[last] as number, this.#ranks[last] as number, this.#slots[last] as number);
    return first;
  }

  #sink(time: number, rank: number, slot: number): void {
    const times = this.#times;
    const ranks = this.#ranks;
    const slots = this.#slots;
    const size = this.#size;
    let index = 0;
    for (let child = 1; child < size; child = 2 * index + 1) {
      const right = child + 1;
      if (right < size && comesBefore(times, ranks, right, child)) child = right;
      const childTime = times[child] as number;
      if (childTime > time || (childTime === time && (ranks[child] as number) > rank)) break;
      times[index] = childTime;
      ranks[index] = ranks[child] as number;
      slots[index] = slots[child] as number;
      index = child;
    }
    times[index] = time;
    ranks[index] = rank;
    slots[index] = slot;
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const [times, ranks, slots] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
    times.set(this.#times);
    ranks.set(this.#ranks);
    slots.set(this.#slots);
    this.#times = times;
    this.#ranks = ranks;
    this.#slots = slots;
  }
}

function comesBefore(times: Float64Array, ranks: Float64Array, one: number, other: number): boolean {
  const a = times[one] as number;
  const b = times[other] as number;
  return a < b || (a === b && (ranks[one] as number) < (ranks[other] as number));
}
