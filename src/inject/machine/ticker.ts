/**
 * A timer that takes no part in the run: when it is late, the thread was paused, or worked on something else. The kernel reports at every tick which of
 * the two it was: instances may share this thread, and their work is not the machine's noise. The harness's own work is measured separately.
 */
import { PerformanceObserver } from "node:perf_hooks";
import type { Millis, Stall } from "../../check/history.ts";
import { Stalls } from "../../check/timing/stall.ts";
import { OwnThread, type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Recorder } from "../observe/recorder.ts";

/** ms, less than any bound that is judged, since the end of a call may wait for two turns of the event loop: see `timerGrain`. */
const every = 2;
/** Shorter stalls are within the resolution of timers. */
const shortest = 1;

export interface Ticker extends Disposable {
  /** Records the stall that lasts now, if any, and no later ones. */
  stop(): void;
  /** For how long since then the event loop was blocked, for whatever reason. */
  stalledSince(from: Millis): Millis;
}

/** Records every stall of the event loop until disposed. */
export function watchStalls(recorder: Recorder): Ticker {
  const thread = OwnThread.open();
  const collections = new Collections();
  const stalls: Stall[] = [];
  /** Recorded a tick later: only then are the garbage collections within it known. */
  let pending: Stall | null = null;
  const recordPending = (): void => {
    if (pending === null) return;
    const collected = collections.within(pending.since - recorder.now(), pending.at - recorder.now());
    recorder.event(collected > 0 ? { ...pending, collected } : pending);
    pending = null;
  };
  let last = recorder.now();
  let spent = recorder.work.spent;
  let before = thread?.time() ?? null;
  const tick = (): void => {
    recordPending();
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
    recordPending();
    collections[Symbol.dispose]();
    thread?.[Symbol.dispose]();
  };
  return { stop, stalledSince: (from) => new Stalls(stalls).within(from, recorder.now()), [Symbol.dispose]: stop };
}

/** Empty where the kernel does not report it. */
function between(before: ThreadTime | null, after: ThreadTime | null): Partial<ThreadTime> {
  return before === null || after === null ? {} : timeBetween(before, after);
}

/** Garbage collections on this thread, which block it. They are reported one turn of the event loop later. */
class Collections implements Disposable {
  readonly #observer: PerformanceObserver;
  #recent: readonly { readonly from: Millis; readonly to: Millis }[] = [];

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      const latest = list
        .getEntries()
        .map(({ duration, startTime }) => ({ from: startTime, to: startTime + duration }));
      this.#recent = [...this.#recent, ...latest].slice(-mostKept);
    });
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** Time spent collecting between two moments, both relative to now, so negative. */
  within(from: Millis, to: Millis): Millis {
    const now = performance.now();
    return this.#recent.reduce((sum, one) => {
      return sum + Math.max(0, Math.min(one.to, now + to) - Math.max(one.from, now + from));
    }, 0);
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}

/** Far more collections than a stall contains. */
const mostKept = 200;
