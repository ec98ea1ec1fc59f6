/** The thread that only keeps time, for metronome.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { StolenTime } from "../../lab/machine/stolen-time.ts";
import { OwnThread, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Beat } from "./metronome.ts";

const every = 5;
/** Shorter ones are the grain of timers. */
const shortest = 3;

const bell = workerData as Int32Array;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const tell = (beat: Beat): void => parentPort?.postMessage(beat);

/** Some systems do not tell how a thread spends its time: then nothing can be said. */
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
  if (lasted >= shortest) tell({ since: last, at, lasted });
  for (const kept of stolen?.look(at) ?? []) tell(kept);
  before = after;
  last = at;
}
