/**
 * A set with O(1) insertion and removal: a removed member is replaced by the last one. A `Set` that grows and shrinks all the time reallocates
 * its table every few operations; this one does not. The order of iteration is not the order of insertion.
 */

export interface Member {
  /** Index in the set's array; written by the set only. */
  place: number;
}

export class SwapRemoveSet<One extends Member> implements Iterable<One> {
  readonly #members: One[] = [];

  get size(): number {
    return this.#members.length;
  }

  join(one: One): void {
    one.place = this.#members.length;
    this.#members.push(one);
  }

  /** Does nothing for a member that is not in the set. */
  leave(one: One): void {
    const members = this.#members;
    if (members[one.place] !== one) return;
    const last = members.pop() as One; // there is one: it may be this
    if (last === one) return;
    last.place = one.place;
    members[one.place] = last;
  }

  /** Iterates over a snapshot, so that members may leave during the iteration. */
  [Symbol.iterator](): Iterator<One> {
    return [...this.#members][Symbol.iterator]();
  }
}
