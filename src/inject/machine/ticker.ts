/**
 * A clock beside the run: it takes no part in anything, so when it is late the thread stood still, or was at work on something else. Which of
 * the two it was the system is asked at every tick: instances share this thread, and what one of them did to it is not the machine's doing. What the
 * harness itself did to it is no instance's: that is measured.
 */
import { PerformanceObserver } from "node:perf_hooks";
import type { Millis, Stall } from "../../check/history.ts";
import { Stalls } from "../../check/timing/stall.ts";
import { OwnThread, type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Recorder } from "../observe/recorder.ts";

/** Finer than any bound that is judged, and a call's end may wait for two turns of the loop: see `timerGrain`. */
const every = 2;
/** Shorter stalls are the grain of timers. */
const shortest = 1;

export interface Ticker extends Disposable {
  /** What has stood still by now is taken down, and nothing more: the run is over. */
  stop(): void;
  /** For how long since then nothing could run, whatever the reason. */
  stalledSince(from: Millis): Millis;
}

/** Records every stall of the event loop until disposed. */
export function watchStalls(recorder: Recorder): Ticker {
  const thread = OwnThread.open();
  const collections = new Collections();
  const stalls: Stall[] = [];
  /** Taken down a tick later: only then is it known what of it was a collection of garbage. */
  let pending: Stall | null = null;
  const takeDown = (): void => {
    if (pending === null) return;
    const collected = collections.within(pending.since - recorder.now(), pending.at - recorder.now());
    recorder.event(collected > 0 ? { ...pending, collected } : pending);
    pending = null;
  };
  let last = recorder.now();
  let spent = recorder.work.spent;
  let before = thread?.time() ?? null;
  const tick = (): void => {
    takeDown();
    const at = recorder.now();
    const after = thread?.time() ?? null;
    const lasted = at - last - every;
    if (lasted >= shortest) {
      const ours = recorder.work.spent - spent;
      pending = { kind: "stall", since: last, at, lasted, ...between(before, after), ...(ours > 0 ? { ours } : {}) };
      stalls.push(pending);
    }
    last = at;
    spent = recorder.work.spent;
    before = after;
  };
  const timer = setInterval(tick, every);
  let isStopped = false;
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    clearInterval(timer);
    tick();
    takeDown();
    collections[Symbol.dispose]();
    thread?.[Symbol.dispose]();
  };
  return { stop, stalledSince: (from) => new Stalls(stalls).within(from, recorder.now()), [Symbol.dispose]: stop };
}

/** Nothing where the system does not tell. */
function between(before: ThreadTime | null, after: ThreadTime | null): Partial<ThreadTime> {
  return before === null || after === null ? {} : timeBetween(before, after);
}

/** Of garbage, on this thread, which nobody else can use meanwhile: they are told of a turn of the loop later. */
class Collections implements Disposable {
  readonly #observer: PerformanceObserver;
  #told: readonly { readonly from: Millis; readonly to: Millis }[] = [];

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      const told = list.getEntries().map(({ duration, startTime }) => ({ from: startTime, to: startTime + duration }));
      this.#told = [...this.#told, ...told].slice(-mostKept);
    });
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** Of the time between two moments, both told from now on, so below 0. */
  within(from: Millis, to: Millis): Millis {
    const now = performance.now();
    return this.#told.reduce((sum, one) => {
      return sum + Math.max(0, Math.min(one.to, now + to) - Math.max(one.from, now + from));
    }, 0);
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}

/** Far more than there are in a stall. */
const mostKept = 200;
