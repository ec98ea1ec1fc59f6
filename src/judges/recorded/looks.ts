/** When the observer's looks at the store began. */
import { type HistoryEvent, type Millis, ofKind } from "../../check/history.ts";
import { type Dump, observerLag } from "../../check/observed/observation.ts";

/** As far as it was noted, its answer was timed right before; where it was not, it began so long before as an observer may be late. */
export class Looks {
  readonly #starts = new Map<Dump, Millis>();

  constructor(history: readonly HistoryEvent[], dumps: readonly Dump[]) {
    const looks = ofKind(history, "observer_read");
    let next = 0;
    for (const dump of [...dumps].sort((a, b) => a.at - b.at)) {
      while (next < looks.length && (looks[next]?.at ?? 0) < dump.at) next += 1;
      const look = looks[next];
      if (look !== undefined && look.at - look.took <= dump.at) this.#starts.set(dump, look.at - look.took);
    }
  }

  startOf(dump: Dump): Millis {
    return this.#starts.get(dump) ?? dump.at - observerLag;
  }
}
