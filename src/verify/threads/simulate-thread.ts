/** The thread that simulates batches, one after another. An error that is neither the caller's nor known to the gate ends it. */
import { parentPort } from "node:worker_threads";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { simulateLayer } from "../wiring/simulate.ts";
import type { BatchAnswer, BatchRequest } from "./simulating.ts";

let ending = new AbortController();

parentPort?.on("message", (said: BatchRequest | "end") => {
  if (said === "end") ending.abort();
  else void answer(said);
});

async function answer({ shrinking: asked, ...batch }: BatchRequest): Promise<void> {
  ending = new AbortController();
  const shrinking = asked === null ? undefined : { left: asked.left, shrunk: new Set(asked.shrunk) };
  try {
    const evidence = await simulateLayer.runSimulate({
      ...batch,
      ...(shrinking && { shrinking }),
      signal: ending.signal,
      onProgress: (text) => say({ kind: "progress", text }),
    });
    const spent = (asked?.left ?? 0) - (shrinking?.left ?? 0);
    say({ kind: "simulated", evidence, spent, shrunk: [...(shrinking?.shrunk ?? [])] });
  } catch (error) {
    // A message between threads does not preserve classes.
    if (!(error instanceof UsageError) && !(error instanceof BrokenRunError)) throw error;
    const { fix, message, where } = error;
    say({ kind: error instanceof UsageError ? "usage" : "broken", message, where, fix });
  }
}

function say(answer: BatchAnswer): void {
  parentPort?.postMessage(answer);
}
