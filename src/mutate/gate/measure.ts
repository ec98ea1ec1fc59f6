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
  /** Runs that find something in the code as it is: they can judge no mutant. */
  readonly unusable: readonly string[];
  /** The mutants whose place runs while modules are loaded. */
  readonly loaded: ReadonlySet<number>;
}

/** Inject is the dearest. */
const limit = { cpu: 180_000, real: 180_000 };

/** @throws BrokenRunError when no run can be used */
export async function measure(runs: readonly GateRun[], options: MeasureOptions): Promise<Baseline> {
  const { now, onProgress, redisServer, signal } = options;
  let worker = await startWorker(options);
  const { loaded } = worker;
  const measured: Measured[] = [];
  const unusable: string[] = [];
  try {
    for (const [at, run] of runs.entries()) {
      if (signal.aborted) break;
      onProgress(`the code as it is: run ${at + 1} of ${runs.length}`);
      if (!worker.isAlive) worker = await startWorker(options);
      const startedAt = now();
      const found = await worker.ask({ run, active: 0, edit: null, redisServer, isCovered: true }, limit);
      const took = now() - startedAt;
      if (signal.aborted) break; // it has ended the process
      if (isEnded(found) || found.verdict === "violated" || found.verdict === "broken") {
        const property = isEnded(found) || found.property === null ? "" : `${found.property}, `;
        unusable.push(`${runName(run)}: ${property}${found.reason ?? found.verdict}`);
      } else measured.push({ run, took, cost: found.cost, trace: found.trace, reached: new Set(found.reached) });
    }
  } finally {
    await worker[Symbol.asyncDispose]();
  }
  if (measured.length === 0 && !signal.aborted) throw nothingUsable(unusable);
  return { runs: measured, unusable, loaded: new Set(loaded) };
}

async function startWorker({ root, signal }: MeasureOptions): Promise<Worker> {
  const started = await Worker.start({ root, signal, active: 0 });
  if (!isEnded(started)) return started;
  throw new BrokenRunError(`the instrumented copy cannot be loaded: ${started.reason}`, {
    where: "src/mutate",
    fix: "run it again with LOCKPROOF_DEBUG=1, and report it: the switches should change nothing",
  });
}

function nothingUsable([first]: readonly string[]): BrokenRunError {
  return new BrokenRunError(`no run of the gate passes on the code as it is: ${first ?? "there was none to make"}`, {
    where: "lockproof mutate",
    fix: "mend what `lockproof verify` finds, then mutate",
  });
}
