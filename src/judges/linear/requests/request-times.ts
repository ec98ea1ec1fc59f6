/** When requests of instances to the store were in flight, to count those that a call may have made. */
import type { Call, Millis } from "../../../check/history.ts";
import type { Settled } from "../../event.ts";

type Request = Pick<Settled, "at" | "from" | "instance" | "script">;

const scripts: Readonly<Partial<Record<Call["op"], string>>> = { dispatch: "reserve_job" };

/** When a request was sent, and when it ended. */
type Span = Pick<Settled, "from" | "at">;

/** When those of one instance and script were sent, and when they ended; both ascending. */
interface Times {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export class RequestTimes {
  /** By instance and script. */
  readonly #spans = new Map<string, Span[]>();
  /** The same in order, once all are known. */
  readonly #times = new Map<readonly Span[], Times>();

  add({ at, from, instance, script }: Request): void {
    const key = `${instance} ${script}`;
    const own = this.#spans.get(key);
    if (own === undefined) this.#spans.set(key, [{ from, at }]);
    else own.push({ from, at });
  }

  /** How many a call may have made: those in flight during it, of its instance and script. Once all have been heard of. */
  within({ from, instance, op, to }: Pick<Call, "from" | "instance" | "op" | "to">): number {
    const own = this.#spans.get(`${instance} ${scripts[op] ?? op}`);
    if (own === undefined) return 0;
    const times = this.#times.get(own) ?? timesOf(own);
    this.#times.set(own, times);
    // None ends before it begins: what ended before the call is among what began before its end.
    return countTo(times.from, to ?? Number.POSITIVE_INFINITY, true) - countTo(times.to, from, false);
  }
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
