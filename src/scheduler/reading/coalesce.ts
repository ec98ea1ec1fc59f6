/** Concurrent requests for one thing make one request. */

export class Coalescer<Key, Result> {
  readonly #requests = new Map<Key, Promise<Result>>();

  has(key: Key): boolean {
    return this.#requests.has(key);
  }

  /** Joins the request in flight for `key`, or makes it. A failure is shared like a success, and not remembered. */
  join(key: Key, request: () => Promise<Result>): Promise<Result> {
    const inFlight = this.#requests.get(key);
    if (inFlight !== undefined) return inFlight;
    const made = this.#make(key, request);
    this.#requests.set(key, made);
    return made;
  }

  async #make(key: Key, request: () => Promise<Result>): Promise<Result> {
    await null; // `join` has to have noted it before it can end
    try {
      return await request();
    } finally {
      this.#requests.delete(key);
    }
  }
}
