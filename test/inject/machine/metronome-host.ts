/** A process that watches its machine, and is stopped by the test that runs it: each time that stood still is a line of its output. */
import type { HistoryEvent } from "../../../src/check/history.ts";
import { watchMachine } from "../../../src/inject/machine/metronome.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";

class Telling extends Recorder {
  override event(event: HistoryEvent): void {
    super.event(event);
    process.stdout.write(`${JSON.stringify({ ...event, told: this.now() })}\n`);
  }
}

const recorder = new Telling();
const machine = await watchMachine(recorder);
recorder.begin();
/** It ends by itself where nobody ends it. */
setTimeout(() => void machine[Symbol.asyncDispose](), 30_000);
process.on("SIGTERM", () => process.exit());
