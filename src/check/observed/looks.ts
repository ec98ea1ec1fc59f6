/** When the observer looked at the store, and so from when on a change may have been made that it saw. */
import { type HistoryEvent, type Millis, ofKind } from "../history.ts";
import { type Observation, observerLag } from "./observation.ts";

interface Look {
  readonly from: Millis;
  readonly at: Millis;
  /**
   * When the last look but one before it, at the same partition, began: during a split brain two servers are looked at in turn. Minus infinity where it is
   * the first: those before the load are not noted.
   */
  readonly before: Millis;
}

export class Looks {
  /** By partition, in order; under undefined those that do not say which. Each is noted right after its observations were timed. */
  readonly #looks: ReadonlyMap<number | undefined, readonly Look[]>;

  constructor(history: readonly HistoryEvent[]) {
    const looks = Map.groupBy(ofKind(history, "observer_read"), ({ partition }) => partition);
    this.#looks = new Map([...looks].map(([partition, own]) => [partition, inOrder(own)]));
  }

  /** When the look began that the observation is of; undefined: looks were not noted. */
  startOf(one: Observation): Millis | undefined {
    return this.#of(one)?.from;
  }

  /** When the last look but one began before the one that showed it; undefined: looks were not noted. */
  beforeOf(one: Observation): Millis | undefined {
    return this.#of(one)?.before;
  }

  /**
   * From when on the change may have been made: an observer may be late by `observerLag`, and by more where it had to wait itself. What an
   * earlier look did not show was made after that look had begun.
   */
  sinceOf(one: Observation): Millis {
    const usual = one.at - observerLag;
    return Math.min(usual, this.beforeOf(one) ?? usual);
  }

  #of({ at, partition }: Observation): Look | undefined {
    const looks = this.#looks.get(partition) ?? this.#looks.get(undefined) ?? [];
    let low = 0;
    let high = looks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((looks[middle] as Look).at < at) low = middle + 1;
      else high = middle;
    }
    const look = looks[low];
    return look !== undefined && look.from <= at ? look : undefined;
  }
}

function inOrder(looks: readonly { readonly at: Millis; readonly took: Millis }[]): readonly Look[] {
  const sorted = looks.toSorted((a, b) => a.at - b.at);
  return sorted.map(({ at, took }, index) => {
    const former = sorted.slice(Math.max(0, index - 2), index)[0];
    return { from: at - took, at, before: former === undefined ? Number.NEGATIVE_INFINITY : former.at - former.took };
  });
}
