/** Concurrent requests for one thing make one request. */

export class Coalescer<Key, Result> {
  readonly #underWay = new Map<Key, Promise<Result>>();

  has(key: Key): boolean {
    return this.#underWay.has(key);
  }

  /** Joins the request under way for `key`, or makes it. A failure is shared like a success, and not remembered. */
  join(key: Key, request: () => Promise<Result>): Promise<Result> {
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const made = this.#make(key, request);
    this.#underWay.set(key, made);
    return made;
  }

  async #make(key: Key, request: () => Promise<Result>): Promise<Result> {
    await null; // `join` has to have noted it before it can end
    try {
      return await request();
    } finally {
      this.#underWay.delete(key);
    }
  }
}
