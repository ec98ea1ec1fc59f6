/** The thread of metronome.ts. It only waits for a timer. */
import { parentPort, workerData } from "node:worker_threads";
import { StolenTime } from "../../lab/machine/stolen-time.ts";
import { OwnThread, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Beat } from "./metronome.ts";

const every = 5;
/** Shorter delays are within the resolution of timers. */
const shortest = 3;

const bell = workerData as Int32Array;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const report = (beat: Beat): void => parentPort?.postMessage(beat);

/** Some systems do not report how a thread spends its time: then nothing is known. */
using thread = OwnThread.open();
using stolen = StolenTime.open(now());
let before = thread?.time() ?? null;
let last = now();
parentPort?.postMessage(null);
while (before !== null && Atomics.wait(bell, 0, 0, every) === "timed-out") {
  const at = now();
  const after = thread?.time() ?? null;
  if (after === null) break;
  const { ran, waited } = timeBetween(before, after);
  const lasted = at - last - every - ran - waited;
  if (lasted >= shortest) report({ since: last, at, lasted });
  for (const kept of stolen?.look(at) ?? []) report(kept);
  before = after;
  last = at;
}
