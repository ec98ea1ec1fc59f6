/**
 * Those who are here now: whoever comes is put at the end, whoever leaves is replaced by the last, both at once whatever the number. For much that
 * comes and goes all the time this is less work than a Set, which makes itself smaller and larger again with every few of them.
 */

export interface Member {
  /** Where it stands; the crowd's own. */
  place: number;
}

export class Crowd<One extends Member> implements Iterable<One> {
  readonly #members: One[] = [];

  get size(): number {
    return this.#members.length;
  }

  join(one: One): void {
    one.place = this.#members.length;
    this.#members.push(one);
  }

  /** Of one that is not here, nothing. */
  leave(one: One): void {
    const members = this.#members;
    if (members[one.place] !== one) return;
    const last = members.pop() as One; // there is one: it may be this
    if (last === one) return;
    last.place = one.place;
    members[one.place] = last;
  }

  /** As it is now, whatever becomes of it while it is gone through. */
  [Symbol.iterator](): Iterator<One> {
    return [...this.#members][Symbol.iterator]();
  }
}
