/** Requests of instances to the store that were not answered, or so late that the instance had given them up. Each may still have taken effect. */
import type { Call, Millis } from "../../../check/history.ts";
import type { Settled } from "../../event.ts";
import type { Timing } from "../../timing.ts";

const scripts: Readonly<Partial<Record<Call["op"], string>>> = { dispatch: "reserve_job" };

/** When a request was sent, and when it ended. */
type Span = Pick<Settled, "from" | "at">;

/** When those of one instance and script were sent, and when they ended; both ascending. */
interface Times {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export class LostRequests {
  readonly #timing: Pick<Timing, "grain" | "kept">;
  /** By instance and script. */
  readonly #lost = new Map<string, Span[]>();
  /** All of them, lost or not. */
  readonly #all = new Map<string, Span[]>();
  /** The same in order, once all are known. */
  readonly #times = new Map<readonly Span[], Times>();

  constructor(timing: Pick<Timing, "grain" | "kept">) {
    this.#timing = timing;
  }

  settled(request: Settled): void {
    const key = `${request.instance} ${request.script}`;
    add(this.#all, key, request);
    if (this.#isLost(request)) add(this.#lost, key, request);
  }

  /** How many a call may have made. Once all have been heard of. */
  within(call: Call): number {
    return this.#count(this.#lost, call);
  }

  /** The same of a call that was answered by the store: one of its requests was not lost. */
  besideAnswer(call: Call): number {
    const lost = this.within(call);
    return lost === 0 ? 0 : Math.min(lost, Math.max(0, this.#count(this.#all, call) - 1));
  }

  #count(requests: ReadonlyMap<string, readonly Span[]>, { from, instance, op, to }: Call): number {
    const own = requests.get(`${instance} ${scripts[op] ?? op}`);
    if (own === undefined) return 0;
    const times = this.#times.get(own) ?? timesOf(own);
    this.#times.set(own, times);
    // None ends before it begins: what ended before the call is among what began before its end.
    return countTo(times.from, to ?? Number.POSITIVE_INFINITY, true) - countTo(times.to, from, false);
  }

  /** An instance's deadline runs from before its request is noted: if the process was kept waiting in between, it was over the sooner. */
  #isLost({ at, deadline, from, instance, outcome }: Settled): boolean {
    const { grain } = this.#timing;
    const took = at - from;
    if (outcome !== "answered" || took > deadline - grain) return true;
    const before = this.#timing.kept(instance, from - deadline, from);
    return before > 0 && took + before > deadline - grain;
  }
}

function add(spans: Map<string, Span[]>, key: string, { at, from }: Span): void {
  const own = spans.get(key);
  if (own === undefined) spans.set(key, [{ from, at }]);
  else own.push({ from, at });
}

function timesOf(requests: readonly Span[]): Times {
  const from = Float64Array.from(requests, (one) => one.from).sort();
  // One that is said to have ended before it began was in flight for no time.
  const to = Float64Array.from(requests, (one) => Math.max(one.from, one.at)).sort();
  return { from, to };
}

/** How many of the ascending `times` are before `limit`, or at it where that is included. */
function countTo(times: Float64Array, limit: Millis, isIncluded: boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const time = times[middle] as number;
    if (time < limit || (isIncluded && time === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
