/**
 * Disturbances of an instance by the machine itself: deadlines missed through no fault of ours or its own.
 *
 * An instance that is slow, or blocks the thread, is no excuse for itself; nor is a server that is stopped or delayed by a fault. What a server
 * or proxy waited for a processor is one only for the call that was in flight, and for no longer than it waited.
 */
import { type HistoryEvent, type Millis, type ModeChange, ofKind, type StoreCall } from "../history.ts";
import { type Blame, harshest, mildest, Stalls, timerGrain } from "./stall.ts";
import { Starvation } from "./starvation.ts";

/** Longer than this, the process's own stillness or a slow answer of Redis, and a deadline of the instance may have passed because of it. */
export const disturbance: Millis = 10;
/** A disturbance may take effect this much later: a deadline, and the interval after which somebody asks. */
const reach: Millis = 60;

/** A call that an instance made of Redis, and had no answer to in time. */
type Failed = Pick<StoreCall, "from" | "to" | "instance" | "outcome">;

/** Moments at which an instance may have missed a deadline through no fault of ours or its own. */
export class Noise {
  readonly #stalls: Stalls;
  readonly #starvation: Starvation;
  readonly #slow: readonly { readonly from: Millis; readonly to: Millis; readonly blame: Blame }[];
  readonly #calls: readonly StoreCall[];

  constructor(history: readonly HistoryEvent[]) {
    this.#stalls = new Stalls(history);
    this.#starvation = new Starvation(history);
    this.#calls = ofKind(history, "store_call");
    this.#slow = ofKind(history, "observer_read").flatMap(({ at, took }) => {
      // The observer is on the same thread: an instance that blocks it has it wait too.
      const blame = this.#stalls.blameForOurs(disturbance, at - took, at);
      return blame === null ? [] : [{ from: at - took, to: at, blame }];
    });
  }

  /** Whether a disturbance of the instance excuses no more than it is known to have taken. */
  isMeasured(instance: number): boolean {
    return this.#stalls.isMeasured(instance);
  }

  /** Returns the cause of a deadline missed at `at`. @param instance a process of its own: its pauses count too */
  blame(at: Millis, span: Millis, instance?: number): Blame {
    const from = at - span;
    const met = this.#slow.filter((slow) => slow.from < at && slow.to > from).map(({ blame }) => blame);
    return mildest([this.#stalls.blame(disturbance, from, at, instance), ...met]);
  }

  /** The same of a departure from normal, which a missed deadline makes as soon as somebody asks. */
  blameForDeparture(change: ModeChange): Blame {
    const { at, instance } = change;
    const missed = this.#missedBy(change);
    const starved = missed.map(({ from }) => this.#blameServers(from, at, instance));
    const isStarved = starved.length > 0 && starved.every((blame) => blame === "unclear");
    return mildest([this.blame(at, reach, instance), isStarved ? "unclear" : "instance"]);
  }

  /** Returns the cause of all these failures, at least one: the machine only where it caused each of them. */
  blameForAll(failed: readonly Failed[]): Blame {
    return harshest(failed.map((call) => this.#blameForCall(call)));
  }

  /** Returns the cause of an absence from normal until `until`: of the departure and each failed call since. */
  blameForAbsence(left: ModeChange, until: Millis): Blame {
    const failed = this.#calls.filter(
      ({ instance, outcome, to }) =>
        instance === left.instance && outcome !== "answered" && to >= left.at && to <= until,
    );
    return harshest([this.blameForDeparture(left), ...failed.map((call) => this.#blameForCall(call))]);
  }

  #blameForCall({ from, instance, outcome, to }: Failed): Blame {
    if (outcome !== "deadline") return "instance";
    return mildest([this.blame(to, to - from, instance), this.#blameServers(from, to)]);
  }

  /**
   * Returns why an operation made of calls to Redis, from `from` to `to`, was `late` by so much. The time that servers
   * and proxies waited for a processor counts besides the time that the instance was kept waiting.
   */
  blameForLate(late: Millis, from: Millis, to: Millis, instance: number): Blame {
    const open = this.#perhapsLost(from, to, instance);
    return mildest([this.#stalls.blame(late, from, to, instance), open > 0 && open >= late ? "unclear" : "instance"]);
  }

  /** The longest wait of a server or proxy, in words. null: there was none. */
  get worstWait(): string | null {
    const { longest } = this.#starvation;
    if (longest === null) return null;
    const { at, process, waited } = longest;
    const long = `for ${Math.round(waited * 10) / 10} ms, at ${Math.round(at)} ms`;
    return process === null
      ? `the host of the machine kept a processor ${long}`
      : `${process} waited for a processor ${long}`;
  }

  /** Calls of the instance that were past their deadline when it left normal because of one, those that ended with it among them. */
  #missedBy({ at, cause, instance }: ModeChange): readonly Pick<StoreCall, "from">[] {
    // The calls of an instance in a process of its own are not known, nor why it left.
    if (cause === "status") return [{ from: at - reach }];
    if (cause !== "deadline") return [];
    return this.#calls.filter(
      (call) =>
        call.instance === instance && call.from + call.deadline <= at + timerGrain && call.to >= at - timerGrain,
    );
  }

  /** Blames servers and proxies for a call given up at `to`; `unclear` at most: it may not have waited for them. */
  #blameServers(from: Millis, to: Millis, instance?: number): Blame {
    if (this.#starvation.within(from, to) === 0) return "instance";
    return this.#perhapsLost(from, to, instance) >= disturbance ? "unclear" : "instance";
  }

  #perhapsLost(from: Millis, to: Millis, instance?: number): Millis {
    const lost = this.#stalls.perhapsMachines(from, to, instance) + this.#starvation.within(from, to);
    return Math.min(lost, Math.max(0, to - from));
  }
}
