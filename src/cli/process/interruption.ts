/** How a signal ends a run: in all commands alike, within a bounded time. */
import { exitCodes } from "../../check/verdict.ts";
import { now } from "../../verify/clock.ts";
import type { Output } from "../printing/output.ts";

/** How long a command may take to end after a signal, in ms. The launcher ends the process 1.5 s after the signal. */
const grace = 1_000;
/** The part of it for a step of verify; the rest is for the report. */
const graceOfStep = 400;
/** A Ctrl-C reaches this process twice, from the terminal and from the launcher. Signals within this time count once, in ms. */
const sameSignal = 300;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// Bound at the start: during a simulated run guards replace the global functions.
const { clearTimeout, setTimeout } = globalThis;

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The first signal asks the run to end and clean up; the second ends the process.
 * @param orphaned aborted when the process that started the run has ended
 */
export function watchSignals(output: Output, orphaned: AbortSignal): Interruption {
  const controller = new AbortController();
  let since = Number.NEGATIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    if (now() - since < sameSignal) return;
    if (controller.signal.aborted) process.exit(exitCodes.broken);
    since = now();
    output.note(`${name}: ending the run; what was printed counts, the rest is open; once more to stop at once`);
    controller.abort();
  };
  const onOrphaned = () => controller.abort();
  for (const name of signals) process.on(name, onSignal);
  orphaned.addEventListener("abort", onOrphaned);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, onSignal);
      orphaned.removeEventListener("abort", onOrphaned);
    },
  };
}

/**
 * Waits for a command. After an interruption it waits for `grace` only: a layer that ignores its signal must not keep the process.
 * @throws whatever the command throws
 */
export async function endedInTime(command: Promise<unknown>, interrupted: AbortSignal): Promise<void> {
  const cleared = new AbortController();
  const left = new Promise<void>((resolve) => {
    const arm = () => {
      const timer = setTimeout(resolve, grace);
      cleared.signal.addEventListener("abort", () => clearTimeout(timer));
    };
    if (interrupted.aborted) arm();
    else interrupted.addEventListener("abort", arm, { once: true, signal: cleared.signal });
  });
  try {
    await Promise.race([command, left]);
  } finally {
    cleared.abort();
  }
}

/**
 * Waits for the layers to be loaded. It takes a second and longer on a slow machine, and has nothing to clean up: an interruption ends it at once.
 * @throws the reason of the interruption, and whatever the loading throws
 */
export async function loadedUnless<T>(interrupted: AbortSignal, load: () => Promise<T>): Promise<T> {
  interrupted.throwIfAborted();
  const loaded = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  interrupted.addEventListener("abort", () => reject(interrupted.reason), { signal: loaded.signal });
  try {
    return await Promise.race([load(), promise]);
  } finally {
    loaded.abort();
  }
}

/** @returns a signal that is aborted when a running step has to be abandoned, so that there is time for the report */
export function stepAbandoned(interrupted: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const arm = () => setTimeout(() => controller.abort(), graceOfStep).unref();
  if (interrupted.aborted) arm();
  else interrupted.addEventListener("abort", arm, { once: true });
  return controller.signal;
}
