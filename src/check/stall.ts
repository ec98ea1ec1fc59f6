/** How long the process stood still: what a late answer may be blamed on, and nothing else may. */
import type { HistoryEvent, Millis, Stall } from "./history.ts";
import { ofKind } from "./history.ts";

/**
 * What may go unseen between two ticks (2 ms): the turn of the loop in which a timer fires, and the turn of I/O that a deadline gives a reply
 * before it gives up. So a timer this late says nothing.
 */
export const timerGrain: Millis = 5;

export class Stalls {
  /** By instance, where it is a process of its own; under null those of the process that runs the load. In order. */
  readonly #stalls: ReadonlyMap<number | null, readonly Stall[]>;

  constructor(history: readonly HistoryEvent[]) {
    const sorted = [...ofKind(history, "stall")].sort((a, b) => a.at - b.at);
    this.#stalls = Map.groupBy(sorted, ({ instance }) => instance ?? null);
  }

  /**
   * For how much of the time from `from` to `to` the process is known to have stood still, and with an instance that is a process of its
   * own, that one too.
   */
  within(from: Millis, to: Millis, instance?: number): Millis {
    const own = instance === undefined ? 0 : sumWithin(this.#stalls.get(instance) ?? [], from, to);
    return Math.min(own + sumWithin(this.#stalls.get(null) ?? [], from, to), Math.max(0, to - from));
  }

  /** Which share of the time from `from` to `to` the process that runs the load stood still. */
  share(from: Millis, to: Millis): number {
    return to > from ? this.within(from, to) / (to - from) : 0;
  }

  get longest(): Millis {
    return [...this.#stalls.values()].flat().reduce((most, { lasted }) => Math.max(most, lasted), 0);
  }
}

function sumWithin(stalls: readonly Stall[], from: Millis, to: Millis): Millis {
  let sum = 0;
  for (let index = firstAfter(stalls, from); index < stalls.length; index += 1) {
    const stall = stalls[index];
    if (stall === undefined || stall.since >= to) break;
    sum += Math.min(stall.lasted, Math.min(stall.at, to) - Math.max(stall.since, from));
  }
  return sum;
}

function firstAfter(stalls: readonly Stall[], from: Millis): number {
  let low = 0;
  let high = stalls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stalls[middle]?.at ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}
