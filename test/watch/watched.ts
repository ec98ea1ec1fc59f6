/** Watches a small store on virtual time. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NoAnswerError } from "../../src/watch/redis-source.ts";
import { type Reported, type Watched, watchStore } from "../../src/watch/watch.ts";
import type { SmallStore } from "./small-store.ts";

export interface Step {
  /** ms since the watch began. */
  readonly at: number;
  readonly act: (store: SmallStore) => void;
}

export interface Outcome extends Watched {
  readonly events: readonly Reported[];
  readonly dir: string;
}

interface Times {
  readonly lasts?: number;
  readonly keep?: number;
  readonly rate?: number;
}

/** The steps run at their times, while the watch sleeps. */
export async function watched(store: SmallStore, steps: readonly Step[], times: Times = {}): Promise<Outcome> {
  const { keep = 1_000, lasts = 10_000, rate = 1_000 } = times;
  const ended = new AbortController();
  const left = [...steps].sort((a, b) => a.at - b.at);
  const events: Reported[] = [];
  const dir = mkdtempSync(join(tmpdir(), "lockproof-watch-"));
  const clock = {
    // A monotone clock does not begin with the watch.
    now: () => store.now + 1_000_000,
    sleep: async (duration: number) => {
      await Promise.resolve();
      const until = store.now + Math.max(0, duration);
      while (left[0] !== undefined && left[0].at <= until) {
        store.now = Math.max(store.now, left[0].at);
        left.shift()?.act(store);
      }
      store.now = until;
      if (store.now >= lasts) ended.abort();
    },
  };
  const result = await watchStore({
    ...{ url: "", namespace: "lp:", rate, keep, dir, ended: ended.signal, clock, source: store },
    on: (event) => events.push(event),
    onMetrics: () => {},
  });
  return { ...result, events, dir };
}

/** An error after which the store may answer again. */
export function away(): Error {
  return new NoAnswerError("connect ECONNREFUSED");
}

/** Repeats a step. */
export function every(period: number, until: number, act: (store: SmallStore, at: number) => void): readonly Step[] {
  return Array.from({ length: Math.ceil(until / period) }, (_, index) => {
    const at = (index + 1) * period;
    return { at, act: (store) => act(store, at) };
  });
}
