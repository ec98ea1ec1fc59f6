/** Requests of instances to the store that were not answered, or so late that the instance had given them up. */
import type { Call, Millis, StoreCall } from "../../history.ts";
import { type Stalls, timerGrain } from "../../timing/stall.ts";

const scripts: Readonly<Partial<Record<Call["op"], string>>> = { dispatch: "reserve_job" };

/** Those of one instance and script. */
interface Lost {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export class LostRequests {
  readonly #lost: ReadonlyMap<string, Lost>;

  constructor(requests: readonly StoreCall[], stalls: Pick<Stalls, "within">) {
    const given = requests.filter((request) => isLost(request, stalls));
    const lost = Map.groupBy(given, ({ instance, script }) => `${instance} ${script}`);
    this.#lost = new Map([...lost].map(([key, own]) => [key, timesOf(own)]));
  }

  get isEmpty(): boolean {
    return this.#lost.size === 0;
  }

  /** How many a call may have made. */
  within(call: Call): number {
    if (this.isEmpty) return 0;
    const { from, instance, op, to } = call;
    const own = this.#lost.get(`${instance} ${scripts[op] ?? op}`);
    if (own === undefined) return 0;
    // None ends before it begins: what ended before the call is among what began before its end.
    return countTo(own.from, to ?? Number.POSITIVE_INFINITY, true) - countTo(own.to, from, false);
  }
}

/** An instance's deadline runs from before its request is taken down: where the process stood still in between, it was over the sooner. */
function isLost({ deadline, from, instance, outcome, to }: StoreCall, stalls: Pick<Stalls, "within">): boolean {
  if (outcome !== "answered" || to - from > deadline - timerGrain) return true;
  const before = stalls.within(from - deadline, from, instance);
  return before > 0 && to - from + before > deadline - timerGrain;
}

function timesOf(requests: readonly StoreCall[]): Lost {
  const from = Float64Array.from(requests, (one) => one.from).sort();
  // One that is told to have ended before it began was no time under way.
  const to = Float64Array.from(requests, (one) => Math.max(one.from, one.to)).sort();
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
