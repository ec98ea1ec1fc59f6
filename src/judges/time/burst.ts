/** Work that comes due together, since what it is about was written together: how evenly it was done over the time that jitter gives it. */
import type { Millis } from "../../check/history.ts";

const slices = 8;

export interface Window {
  readonly from: Millis;
  readonly to: Millis;
}

/** A part of the time that is as long as an eighth of the window. */
interface Slice extends Window {
  readonly count: number;
  /** How often as many as in the mean of the window. */
  readonly ratio: number;
}

/** It was done by `at`, and later than `after`. */
export interface Work {
  readonly at: Millis;
  readonly after: Millis;
}

export class Burst {
  readonly name: "expiry" | "refresh";
  /** In words, after a number. */
  readonly what: string;
  /** In which jitter lets it come due. */
  readonly window: Window;
  readonly #work: readonly Work[];

  /** @param work when each piece of it was done, also outside the window: what was put off counts when it was done */
  constructor(name: Burst["name"], what: string, window: Window, work: readonly Work[]) {
    this.name = name;
    this.what = what;
    this.window = window;
    this.#work = work;
  }

  get size(): number {
    return this.#work.length;
  }

  get sliceWidth(): Millis {
    return (this.window.to - this.window.from) / slices;
  }

  /** The busiest part, in or outside the window. */
  get busiest(): Slice {
    return this.#busiest(Number.POSITIVE_INFINITY);
  }

  /** The same without work that may have been done long before, and was only seen then. */
  get certain(): Slice {
    return this.#busiest(this.sliceWidth / 2);
  }

  /** @param early how long before it work may have been done that counts */
  #busiest(early: Millis): Slice {
    const { sliceWidth: width, window } = this;
    const counts = new Map<number, number>();
    for (const { after, at } of this.#work) {
      const slice = Math.floor((at - window.from) / width);
      if (after >= window.from + slice * width - early) counts.set(slice, (counts.get(slice) ?? 0) + 1);
    }
    const [slice, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0]);
    const from = window.from + slice * width;
    return { from, to: from + width, count, ratio: this.size === 0 ? 0 : (count * slices) / this.size };
  }
}

/** Returns when entries written at `written` come due, after `ttl` give or take `spread` of it; null: they were not written together. */
export function dueWindow(written: readonly Millis[], ttl: Millis, spread: number): Window | null {
  if (written.length === 0) return null;
  const first = written.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const last = written.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY);
  // Else they would not come due together.
  if (last - first > ttl * spread) return null;
  return { from: first + ttl * (1 - spread), to: last + ttl * (1 + spread) };
}
