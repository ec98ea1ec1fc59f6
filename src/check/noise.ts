/** What the machine itself did to an instance: deadlines that were missed through no fault of ours or its own. */
import { type HistoryEvent, type Millis, ofKind } from "./history.ts";
import { Stalls } from "./stall.ts";

/** Longer than this, the process's own stillness or a slow answer of Redis, and a deadline of the instance may have passed because of it. */
const disturbance: Millis = 10;
/** A disturbance may take effect this much later: a deadline, and the interval after which somebody asks. */
const reach: Millis = 60;

/** Moments at which an instance may have missed a deadline through no fault of ours or its own. */
export class Noise {
  readonly #stalls: Stalls;
  readonly #slow: readonly { readonly from: Millis; readonly to: Millis }[];

  constructor(history: readonly HistoryEvent[]) {
    this.#stalls = new Stalls(history);
    this.#slow = ofKind(history, "weather")
      .filter(({ took }) => took >= disturbance)
      .map(({ at, took }) => ({ from: at - took, to: at }));
  }

  explains(at: Millis, span: Millis = reach): boolean {
    const from = at - span;
    if (this.#stalls.within(from, at) >= disturbance) return true;
    return this.#slow.some((slow) => slow.from < at && slow.to > from);
  }
}
