/** The two ways to offer load. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../protocol/time.ts";
import { Latencies } from "../measure/latencies.ts";

export interface OpenLoop {
  readonly perSecond: number;
  readonly count: number;
  /** Calls of one lane never overlap: one that is due while its lane is busy waits, and its wait counts. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** @returns whether it was answered as it should be */
  readonly call: (index: number, lane: number) => Promise<boolean>;
}

/**
 * Call i is due at start + i / rate, whatever became of the calls before it, and its latency is counted from then. So neither a slow
 * answer nor a late timer can thin out the load or hide a wait (no coordinated omission).
 */
export async function openLoop({ call, count, lanes, perSecond, signal }: OpenLoop): Promise<Latencies> {
  const latencies = new Latencies();
  const gap: Millis = 1_000 / perSecond;
  const tails: Promise<void>[] = Array.from({ length: lanes }, () => Promise.resolve());
  const begun = performance.now();
  const send = async (index: number, lane: number, due: Millis, after: Promise<void>): Promise<void> => {
    await after;
    if (await call(index, lane)) latencies.add(due, performance.now());
    else latencies.addUnanswered();
  };
  for (let index = 0; index < count && !signal.aborted; ) {
    const now = performance.now();
    for (; index < count && begun + index * gap <= now; index += 1) {
      const lane = index % lanes;
      tails[lane] = send(index, lane, begun + index * gap, tails[lane] ?? Promise.resolve());
    }
    if (index < count) await sleep(Math.max(1, begun + index * gap - performance.now()));
  }
  await Promise.all(tails);
  return latencies;
}

export interface ClosedLoop {
  /** Calls in flight at once. */
  readonly width: number;
  readonly count: number;
  readonly signal: AbortSignal;
  /** @returns whether it counts */
  readonly call: (index: number) => Promise<boolean>;
}

export interface Throughput {
  readonly done: number;
  readonly failed: number;
  readonly perSecond: number;
}

/** As many calls as possible with `width` in flight: for rates, never for latencies. */
export async function closedLoop({ call, count, signal, width }: ClosedLoop): Promise<Throughput> {
  let next = 0;
  let done = 0;
  let failed = 0;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count && !signal.aborted) {
      const index = next;
      next += 1;
      if (await call(index)) done += 1;
      else {
        failed += 1;
        await sleep(1); // calls that fail at once must not block the others
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { done, failed, perSecond: (done * 1_000) / (performance.now() - begun) };
}
