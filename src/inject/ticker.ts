/** A clock beside the run: it takes no part in anything, so when it is late the process stood still. */
import type { Recorder } from "./recorder.ts";

/** Finer than any bound that is judged, and a call's end may wait for two turns of the loop: see `timerGrain`. */
const every = 2;
/** Shorter stalls are the grain of timers. */
const shortest = 1;

/** Records every stall of the event loop until disposed. */
export function watchStalls(recorder: Recorder): Disposable {
  let last = recorder.now();
  const timer = setInterval(() => {
    const at = recorder.now();
    const lasted = at - last - every;
    if (lasted >= shortest) recorder.event({ kind: "stall", since: last, at, lasted });
    last = at;
  }, every);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
