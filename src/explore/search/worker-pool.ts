/** The threads of one search, from where they are started to where all of them have ended. */

import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { BrokenRunError } from "../../evidence/failure.ts";
import { startThread } from "../../lab/process/thread.ts";
import { Control, stops } from "./control.ts";
import { mailboxLength } from "./emit.ts";
import type { Expander } from "./expander.ts";
import type { StoredStates } from "./graph.ts";
import { type Done, type FromThread, type Job, type Judged, type Subject, unpackCrash } from "./job.ts";
import { youngGenerationMb } from "./memory.ts";
import type { Progress } from "./shard.ts";

type Shape = Pick<Expander, "packing" | "mostSuccessors">;

export interface WorkerPoolOptions extends Subject {
  readonly threads: number;
  /** For the states of all threads, and then for judging them. */
  readonly mostBytes: number;
  readonly shape: Shape;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** The result of all threads together. */
export interface Found {
  readonly depth: number;
  /** The states of each level; empty where they are not known. */
  readonly levels: readonly number[];
  /** A set of bits of `stops`. */
  readonly stop: number;
  readonly generated: number;
  /** Unique states, as far as is known. */
  readonly states: number;
  /** None where a thread's heap was full. */
  readonly kept: readonly StoredStates[];
  readonly bytes: number;
  readonly tallies: Done["tallies"];
}

/** States that wait in one mailbox, at most: they fit the caches. */
const statesInMailbox = 2 ** 15;
/** Judging is given at least so much, whatever the states have left. */
const leastForJudging = 4 * 2 ** 20;

export class WorkerPool implements AsyncDisposable {
  readonly #workers: readonly Worker[];
  readonly #options: WorkerPoolOptions;
  readonly #control: Control;
  #progress: Progress = { states: 0, frontier: 0, depth: 0 };
  /** Threads that have begun. */
  #begun = 0;

  constructor(options: WorkerPoolOptions) {
    const { threads, shape, mostBytes } = options;
    const { table, model, scope, mutant, isSymmetric } = options;
    this.#options = options;
    this.#control = new Control(threads, 0);
    const mailboxes = threads === 1 ? [] : createMailboxes(threads, shape);
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const job: Job = {
        ...{ table, model, scope, mutant, isSymmetric, thread, threads, mailboxes },
        mostBytes: mostBytes / threads,
        control: this.#control.memory,
      };
      const resourceLimits = { maxYoungGenerationSizeMb: youngGenerationMb };
      return startThread(new URL(`./worker${ending}`, import.meta.url), { workerData: job, resourceLimits });
    });
  }

  /** @throws BrokenRunError for what the model does wrong, and where a thread ends by itself */
  async search(): Promise<Found> {
    const cut = Promise.withResolvers<Found>();
    const interrupt = (): void => {
      this.#control.interrupt();
      // A thread that is loading its modules, for seconds on a busy machine, is not waited for: the others wait for it.
      if (this.#begun < this.#workers.length) cut.resolve(cutShort(this.#progress, stops.interrupted));
    };
    const { signal } = this.#options;
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    try {
      const all = Promise.all(this.#workers.map((worker) => this.#answer<Done>(worker, "done")));
      return await Promise.race([cut.promise, all.then(together)]);
    } catch (error) {
      if (isHeapFull(error)) return cutShort(this.#progress, stops.full);
      throw error;
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** @returns null when there was no time or no memory to judge. @throws BrokenRunError for what the model does wrong */
  async judgeLiveness({ kept, bytes }: Found): Promise<Judged["lassos"]> {
    const [worker] = this.#workers;
    const { signal } = this.#options;
    if (worker === undefined || signal.aborted) return null;
    const end = (): void => void worker.terminate();
    signal.addEventListener("abort", end, { once: true });
    try {
      const answer = this.#answer<Judged>(worker, "judged");
      const mostBytes = Math.max(leastForJudging, this.#options.mostBytes - bytes);
      worker.postMessage({ kind: "judge", kept, mostBytes });
      const { lassos, crash } = await answer;
      if (crash !== null) throw unpackCrash(crash);
      return lassos;
    } catch (error) {
      if (signal.aborted || isHeapFull(error)) return null;
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #reportProgress(progress: Progress): void {
    this.#progress = progress;
    this.#options.onProgress(progress);
  }

  async #answer<Answer extends FromThread>(worker: Worker, kind: Answer["kind"]): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const listen = (message: FromThread): void => {
      if (message.kind === "progress") this.#reportProgress(message);
      else if (message.kind === "begun") this.#begun += 1;
      else if (message.kind === kind) resolve(message as Answer);
    };
    worker.on("message", listen);
    once(worker, "exit").then(([code]) => reject(ended(`it ended with code ${code}`)), reject);
    try {
      return await promise;
    } finally {
      worker.off("message", listen);
    }
  }
}

/** `.ts` in the repository, `.js` in the published package. */
const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));

/** The size of one mailbox; there is one from each thread to each. */
export function mailboxBytes({ packing, mostSuccessors }: Shape): number {
  return mailboxLength(Math.max(statesInMailbox, mostSuccessors * 4), packing.words) * 4;
}

function createMailboxes(threads: number, shape: Shape): SharedArrayBuffer[][] {
  const bytes = mailboxBytes(shape);
  const row = (): SharedArrayBuffer[] => Array.from({ length: threads }, () => new SharedArrayBuffer(bytes));
  return Array.from({ length: threads }, row);
}

function together(parts: readonly Done[]): Found {
  const crash = parts.find((part) => part.crash !== null)?.crash;
  if (crash !== undefined && crash !== null) throw unpackCrash(crash);
  const [first] = parts;
  const tallies = (first?.tallies ?? []).map((_, property) => {
    const own = parts.flatMap((part) => part.tallies[property] ?? []);
    const found = own.map((tally) => tally.first).filter((state) => state >= 0);
    return {
      exercised: own.reduce((sum, tally) => sum + tally.exercised, 0),
      first: found.length === 0 ? -1 : Math.min(...found),
    };
  });
  return {
    depth: first?.depth ?? 0,
    levels: first?.levels ?? [],
    stop: parts.reduce((stop, part) => stop | part.stop, 0),
    generated: parts.reduce((sum, part) => sum + part.generated, 1),
    states: parts.reduce((sum, { kept }) => sum + kept.size, 0),
    kept: parts.map((part) => part.kept),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    tallies,
  };
}

/** A thread has ended and lost its states, because its heap was full or it was interrupted: its last report is all that is left. */
function cutShort({ states, depth }: Progress, stop: number): Found {
  return { depth, levels: [], states, stop, generated: 0, kept: [], bytes: 0, tallies: [] };
}

function isHeapFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function ended(how: string): BrokenRunError {
  return new BrokenRunError(`explore: a thread of the search ended before it was done: ${how}`, {
    where: "a thread of explore",
    fix: "report it: this is ours",
  });
}
