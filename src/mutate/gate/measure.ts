/** Makes every run once on the code as it is: to know which places it reaches, how long it takes, and that it finds nothing. */
import { BrokenRunError } from "../../evidence/failure.ts";
import type { GateRun } from "../worker/messages.ts";
import { runName } from "../worker/messages.ts";
import { isEnded, Worker } from "../worker/worker.ts";
import type { Measured } from "./runs.ts";

export interface MeasureOptions {
  readonly root: string;
  readonly redisServer: string | null;
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  readonly onProgress: (text: string) => void;
}

export interface Baseline {
  readonly runs: readonly Measured[];
  /** The mutants whose place runs while modules are loaded. */
  readonly loaded: ReadonlySet<number>;
}

/** Inject is the dearest. */
const limit = { cpu: 180_000, real: 180_000 };

/** @param known of an earlier part of these runs, which are not made again @returns fewer runs when the signal ended it */
export async function measure(
  runs: readonly GateRun[],
  known: Baseline | null,
  options: MeasureOptions,
): Promise<Baseline> {
  const { onProgress, signal } = options;
  const names = new Set(known?.runs.map(({ run }) => runName(run)));
  const left = runs.filter((run) => !names.has(runName(run)));
  if (known !== null && left.length === 0) return known;
  let worker = await startWorker(options);
  if (worker === null) return known ?? { runs: [], loaded: new Set() };
  const { loaded } = worker;
  const measured: Measured[] = [...(known?.runs ?? [])];
  try {
    for (const [at, run] of left.entries()) {
      if (signal.aborted) break;
      onProgress(`the code as it is: run ${at + 1} of ${left.length}`);
      if (!worker.isAlive) worker = await startWorker(options);
      if (worker === null) break;
      const one = await measureOne(worker, run, options);
      if (!signal.aborted) measured.push(one); // else the signal may have ended it
    }
  } finally {
    await worker?.[Symbol.asyncDispose]();
  }
  return { runs: measured, loaded: new Set(loaded) };
}

async function measureOne(worker: Worker, run: GateRun, { now, redisServer }: MeasureOptions): Promise<Measured> {
  const startedAt = now();
  const reply = await worker.ask({ run, active: 0, edit: null, redisServer, isCovered: true }, limit);
  const took = now() - startedAt;
  if (isEnded(reply)) return { run, took, cost: 0, trace: null, reached: new Set(), met: [], found: reply.reason };
  const { cost, met, property, reason, trace, verdict } = reply;
  const isFound = verdict === "violated" || verdict === "broken";
  const found = isFound ? [property, reason].filter((word) => word !== null).join(": ") : null;
  return { run, took, cost, trace, reached: new Set(reply.reached), met, found };
}

/** @returns the runs that can judge a mutant @throws BrokenRunError when there is none */
export function usable(runs: readonly Measured[]): readonly Measured[] {
  const found = runs.filter((one) => one.found === null);
  if (found.length > 0 || runs.length === 0) return found;
  throw new BrokenRunError(`no run of the gate passes on the code as it is: ${foundText(runs)[0]}`, {
    where: "lockproof mutate",
    fix: "mend what `lockproof verify` finds, then mutate",
  });
}

/** A line for each run that finds something in the code as it is. */
export function foundText(runs: readonly Measured[]): readonly string[] {
  return runs.flatMap(({ found, run }) => (found === null ? [] : [`${runName(run)}: ${found}`]));
}

/** @returns null when the signal ended it */
async function startWorker({ root, signal }: MeasureOptions): Promise<Worker | null> {
  const started = await Worker.start({ root, signal, active: 0 });
  if (signal.aborted) {
    if (!isEnded(started)) await started[Symbol.asyncDispose]();
    return null;
  }
  if (!isEnded(started)) return started;
  throw new BrokenRunError(`the instrumented copy cannot be loaded: ${started.reason}`, {
    where: "src/mutate",
    fix: "run it again with LOCKPROOF_DEBUG=1, and report it: the switches should change nothing",
  });
}
