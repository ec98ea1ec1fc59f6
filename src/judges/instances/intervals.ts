/** How many intervals of time overlap: calls in flight, from the time of sending to the end. */
import type { Millis } from "../../check/history.ts";

export class Intervals {
  readonly #starts: Millis[] = [];
  readonly #ends: Millis[] = [];
  #isSorted = true;

  add(from: Millis, to: Millis): void {
    this.#starts.push(from);
    this.#ends.push(to);
    this.#isSorted = false;
  }

  /** The largest number at one moment. One that ends when another begins does not overlap it. */
  peak(): { readonly at: Millis; readonly count: number } {
    this.#sort();
    let [ended, most, at] = [0, 0, 0];
    for (const [begun, start] of this.#starts.entries()) {
      while ((this.#ends[ended] ?? Number.POSITIVE_INFINITY) <= start) ended += 1;
      if (begun + 1 - ended <= most) continue;
      most = begun + 1 - ended;
      at = start;
    }
    return { at, count: most };
  }

  /** The largest number at one moment from `from` to `to`, if each lasted longer by `slack` at both ends. */
  most(from: Millis, to: Millis, slack: Millis): number {
    this.#sort();
    const begun = countUpTo(this.#starts, from + slack);
    let [most, ended] = [begun - countUpTo(this.#ends, from - slack), 0];
    for (let index = begun; (this.#starts[index] ?? Number.POSITIVE_INFINITY) <= to + slack; index += 1) {
      ended = countUpTo(this.#ends, (this.#starts[index] ?? 0) - 2 * slack);
      most = Math.max(most, index + 1 - ended);
    }
    return most;
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#starts.sort((one, other) => one - other);
    this.#ends.sort((one, other) => one - other);
    this.#isSorted = true;
  }
}

/** How many of an ascending list are at most `limit`. */
function countUpTo(list: readonly Millis[], limit: Millis): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
