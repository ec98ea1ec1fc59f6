/** How long the process stood still: what a late answer may be blamed on, and nothing else may. */
import type { HistoryEvent, Millis, Stall } from "./history.ts";
import { ofKind } from "./history.ts";

/**
 * What may go unseen between two ticks (2 ms): the turn of the loop in which a timer fires, and the turn of I/O that a deadline gives a reply
 * before it gives up. So a timer this late says nothing.
 */
export const timerGrain: Millis = 5;

export class Stalls {
  readonly #stalls: readonly Stall[];

  constructor(history: readonly HistoryEvent[]) {
    this.#stalls = [...ofKind(history, "stall")].sort((a, b) => a.at - b.at);
  }

  /** For how much of the time from `from` to `to` the process is known to have stood still. */
  within(from: Millis, to: Millis): Millis {
    let sum = 0;
    for (let index = this.#firstAfter(from); index < this.#stalls.length; index += 1) {
      const stall = this.#stalls[index];
      if (stall === undefined || stall.since >= to) break;
      sum += Math.min(stall.lasted, Math.min(stall.at, to) - Math.max(stall.since, from));
    }
    return sum;
  }

  get longest(): Millis {
    return this.#stalls.reduce((most, { lasted }) => Math.max(most, lasted), 0);
  }

  #firstAfter(from: Millis): number {
    let low = 0;
    let high = this.#stalls.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stalls[middle]?.at ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
