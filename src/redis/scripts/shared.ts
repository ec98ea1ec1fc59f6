/** Equal texts become one value: a hundred thousand nodes have the same few lists of pools, languages and services, and few epochs. */

/** A fleet with more kinds of nodes than this shares less, and nothing else changes. */
const most = 10_000;

export class Shared<Value> {
  readonly #made = new Map<string, Value>();
  readonly #make: (text: string) => Value;

  constructor(make: (text: string) => Value) {
    this.#make = make;
  }

  /** Returns the value that was made of an equal text before; the cache is cleared when it is full. */
  of(text: string): Value {
    const found = this.#made.get(text);
    if (found !== undefined) return found;
    const value = this.#make(text);
    if (this.#made.size >= most) this.#made.clear();
    this.#made.set(text, value);
    return value;
  }
}
