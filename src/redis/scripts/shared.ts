/**
 * Equal texts become one value: a hundred thousand nodes have the same few lists of pools, languages and services, and few epochs.
 *
 * Only for texts that come again: what differs each time, as a list of jobs, would fill it for nothing.
 */

/** A fleet with more kinds of nodes than this shares less, and nothing else changes. */
const most = 10_000;
/** The limit of all texts, in UTF-16 units: a list may be 40,000 long, and its value takes some five times as much. */
const mostText = 2_000_000;

export class Shared<Value> {
  readonly #made = new Map<string, Value>();
  readonly #make: (text: string) => Value;
  #text = 0;

  constructor(make: (text: string) => Value) {
    this.#make = make;
  }

  /** Returns the value that was made of an equal text before; the cache is cleared when it is full. */
  of(text: string): Value {
    const found = this.#made.get(text);
    if (found !== undefined) return found;
    const value = this.#make(text);
    if (this.#made.size >= most || this.#text + text.length > mostText) {
      this.#made.clear();
      this.#text = 0;
    }
    this.#made.set(text, value);
    this.#text += text.length;
    return value;
  }
}
