/** How far the servers' clock was ahead of the run's, as the jumps of a recorded run made it. */
import { type HistoryEvent, type Millis, ofKind } from "../../check/history.ts";

interface Jump {
  /** It was made at some moment from `from` to `to`. */
  readonly from: Millis;
  readonly to: Millis;
  /** undefined: the history does not say. */
  readonly ahead: Millis | undefined;
}

export class RecordedClock {
  readonly #jumps: readonly Jump[];

  constructor(history: readonly HistoryEvent[]) {
    const seen = ofKind(history, "in_force").filter(({ name }) => name === "clock_jump");
    this.#jumps = ofKind(history, "fault")
      .filter(({ name, step }) => name === "clock_jump" && step === "inject")
      .map(({ asked, done, fault }) => ({
        from: asked,
        to: done,
        ahead: seen.find((one) => one.fault === fault && one.from !== null)?.ahead,
      }));
  }

  /** From a time to another; undefined: it jumped meanwhile, or that is not known. */
  aheadFrom(from: Millis, to: Millis): Millis | undefined {
    if (this.#jumps.some((jump) => jump.from <= to && jump.to >= from)) return undefined;
    const last = this.#jumps.findLast((jump) => jump.to < from);
    return last === undefined ? 0 : last.ahead;
  }
}
