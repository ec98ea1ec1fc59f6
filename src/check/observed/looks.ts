/** When the observer looked at the store, and so from when on a change may have been made that it saw. */
import { type HistoryEvent, type Millis, ofKind } from "../history.ts";
import { type Observation, observerLag } from "./observation.ts";

/** A look at one partition, and its place among all. */
interface Look {
  readonly from: Millis;
  readonly at: Millis;
  readonly partition: number | undefined;
  /**
   * When the last look but one before it, at the same partition, began: during a split brain two servers are looked at in turn. Minus infinity where it is
   * the first: those before the load are not noted.
   */
  readonly before: Millis;
}

export class Looks {
  /** In order. One is noted right after its observations were timed. */
  readonly #looks: readonly Look[];

  constructor(history: readonly HistoryEvent[]) {
    const former = new Map<number | undefined, readonly Millis[]>();
    const inOrder = ofKind(history, "observer_read").toSorted((a, b) => a.at - b.at);
    this.#looks = inOrder.map(({ at, partition, took }): Look => {
      const from = at - took;
      const starts = former.get(partition) ?? [];
      former.set(partition, [...starts, from].slice(-2));
      return { from, at, partition, before: starts[0] ?? Number.NEGATIVE_INFINITY };
    });
  }

  /** When the look began that the observation is of; undefined: looks were not noted. */
  startOf(one: Observation): Millis | undefined {
    return this.#of(one)?.from;
  }

  /**
   * From when on the change may have been made: an observer is late by `observerLag` at least, and by more where it had to wait itself. What an
   * earlier look did not show was made after that look had begun.
   */
  sinceOf(one: Observation): Millis {
    const usual = one.at - observerLag;
    return Math.min(usual, this.#of(one)?.before ?? usual);
  }

  #of({ at, partition }: Observation): Look | undefined {
    let low = 0;
    let high = this.#looks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#looks[middle] as Look).at < at) low = middle + 1;
      else high = middle;
    }
    const look = this.#looks[low];
    const isItsOwn = look !== undefined && look.from <= at && (look.partition ?? partition) === partition;
    return isItsOwn ? look : undefined;
  }
}
