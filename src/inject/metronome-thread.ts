/** The thread that only keeps time, for metronome.ts. It does nothing, so where it is late and stood in no line, nothing could run where it was to. */
import { parentPort, workerData } from "node:worker_threads";
import { OwnThread, timeBetween } from "../lab/thread-time.ts";
import type { Beat } from "./metronome.ts";

const every = 5;
/** Shorter ones are the grain of timers. */
const shortest = 3;

const bell = workerData as Int32Array;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Of how it spends its time nobody tells on some systems: then nothing can be said. */
using thread = OwnThread.open();
let before = thread?.time() ?? null;
let last = now();
while (before !== null && Atomics.wait(bell, 0, 0, every) === "timed-out") {
  const at = now();
  const after = thread?.time() ?? null;
  if (after === null) break;
  const { ran, waited } = timeBetween(before, after);
  const lasted = at - last - every - ran - waited;
  if (lasted >= shortest) parentPort?.postMessage({ since: last, at, lasted } satisfies Beat);
  before = after;
  last = at;
}
