/** What the machine itself did to an instance: deadlines that were missed through no fault of ours or its own. */
import { type HistoryEvent, type Millis, ofKind, type StoreCall } from "./history.ts";
import { type Blame, mildest, Stalls } from "./stall.ts";

/** Longer than this, the process's own stillness or a slow answer of Redis, and a deadline of the instance may have passed because of it. */
const disturbance: Millis = 10;
/** A disturbance may take effect this much later: a deadline, and the interval after which somebody asks. */
const reach: Millis = 60;

/** A call that an instance made of Redis, and had no answer to in time. */
type Failed = Pick<StoreCall, "from" | "to" | "outcome">;

/** Moments at which an instance may have missed a deadline through no fault of ours or its own. */
export class Noise {
  readonly #stalls: Stalls;
  readonly #slow: readonly { readonly from: Millis; readonly to: Millis; readonly blame: Blame }[];

  constructor(history: readonly HistoryEvent[]) {
    this.#stalls = new Stalls(history);
    this.#slow = ofKind(history, "weather").flatMap(({ at, took }) => {
      // The observer is on the same thread: an instance that blocks it has it wait too.
      const blame = this.#stalls.blameForOurs(disturbance, at - took, at);
      return blame === null ? [] : [{ from: at - took, to: at, blame }];
    });
  }

  /** Whose doing it is that a deadline was missed at `at`. @param instance one that is a process of its own: what it met counts too */
  blame(at: Millis, span: Millis, instance?: number): Blame {
    const from = at - span;
    const met = this.#slow.filter((slow) => slow.from < at && slow.to > from).map(({ blame }) => blame);
    return mildest([this.#stalls.blame(disturbance, from, at, instance), ...met]);
  }

  /** The same of a change of mode, which a missed deadline makes as soon as somebody asks. */
  blameAt(at: Millis, instance: number): Blame {
    return this.blame(at, reach, instance);
  }

  /** Whose doing all of these are, one at least: the machine's only where each of them is. */
  blameForAll(failed: readonly Failed[]): Blame {
    const blames = failed.map(({ from, outcome, to }) =>
      outcome === "deadline" ? this.blame(to, to - from) : "instance",
    );
    if (blames.length === 0 || blames.includes("instance")) return "instance";
    return blames.includes("unclear") ? "unclear" : "machine";
  }
}
