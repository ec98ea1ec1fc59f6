/** A process that watches its machine, and is stopped by the test that runs it: it prints a line for each pause. */
import type { HistoryEvent } from "../../../src/check/history.ts";
import { watchMachine } from "../../../src/inject/machine/metronome.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";

class Printing extends Recorder {
  override event(event: HistoryEvent): void {
    super.event(event);
    process.stdout.write(`${JSON.stringify({ ...event, printed: this.now() })}\n`);
  }
}

const recorder = new Printing();
const machine = await watchMachine(recorder);
recorder.begin();
/** It ends by itself where the test does not end it. */
setTimeout(() => void machine[Symbol.asyncDispose](), 30_000);
process.on("SIGTERM", () => process.exit());
