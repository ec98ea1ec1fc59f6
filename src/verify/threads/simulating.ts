/** Simulates batches in a thread, beside what runs here. The thread stays for the next batch, since it takes a second to load. */

import type { Worker } from "node:worker_threads";
import type { PropertyId } from "../../check/properties.ts";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { startThread } from "../../lab/process/thread.ts";
import type { SimulateEvidence } from "../../simulate/batch/evidence.ts";
import type { BesideOptions } from "../layers.ts";

export interface BatchRequest extends Omit<BesideOptions, "onProgress" | "shrinking" | "signal"> {
  readonly shrinking: { readonly left: number; readonly shrunk: readonly PropertyId[] } | null;
}

type Ended =
  | {
      readonly kind: "simulated";
      readonly evidence: SimulateEvidence;
      /** Milliseconds for shrinking. */
      readonly spent: number;
      readonly shrunk: readonly PropertyId[];
    }
  | { readonly kind: "usage" | "broken"; readonly message: string; readonly where: string; readonly fix: string };

export type BatchAnswer = { readonly kind: "progress"; readonly text: string } | Ended;

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
/** The thread that waits for another batch. */
let waiting: Worker | null = null;

/** As `runSimulate`. @throws BrokenRunError where the thread ended */
export async function simulateBeside(options: BesideOptions): Promise<SimulateEvidence> {
  const { onProgress = () => {}, shrinking, signal, ...batch } = options;
  const thread = waiting ?? startThread(new URL(`./simulate-thread.${ending}`, import.meta.url));
  waiting = null;
  thread.ref();
  const end = () => thread.postMessage("end");
  try {
    const asked = shrinking === undefined ? null : { left: shrinking.left, shrunk: [...shrinking.shrunk] };
    thread.postMessage({ ...batch, shrinking: asked } satisfies BatchRequest);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    const ended = await endOf(thread, onProgress);
    if (ended.kind !== "simulated") throw errorOf(ended);
    waiting = thread;
    if (shrinking !== undefined) shrinking.left = Math.max(0, shrinking.left - ended.spent);
    for (const property of ended.shrunk) shrinking?.shrunk.add(property);
    return ended.evidence;
  } finally {
    signal.removeEventListener("abort", end);
    // It does not keep the process from its end.
    thread.unref();
    if (waiting !== thread) await thread.terminate();
  }
}

async function endOf(thread: Worker, onProgress: (text: string) => void): Promise<Ended> {
  const { promise, reject, resolve } = Promise.withResolvers<Ended>();
  const onMessage = (said: BatchAnswer): void => {
    if (said.kind === "progress") onProgress(said.text);
    else resolve(said);
  };
  const onExit = (code: number): void => {
    const fix = "run it again; if it recurs this is a bug of lockproof";
    reject(
      new BrokenRunError(`it ended with ${code} and without a verdict`, { where: "the thread that simulates", fix }),
    );
  };
  thread.on("message", onMessage).on("error", reject).on("exit", onExit);
  try {
    return await promise;
  } finally {
    thread.off("message", onMessage).off("error", reject).off("exit", onExit);
  }
}

/** A message between threads does not preserve classes. */
function errorOf({ fix, kind, message, where }: Exclude<Ended, { readonly kind: "simulated" }>): Error {
  return kind === "usage" ? new UsageError(message, { where, fix }) : new BrokenRunError(message, { where, fix });
}
