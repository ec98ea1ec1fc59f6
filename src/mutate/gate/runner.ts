/** Makes runs for one mutant after another in one worker process, as far as no mutant leaves a trace in it. */
import { BrokenRunError } from "../../evidence/failure.ts";
import { type CodeMutant, type Edit, partOf } from "../mutant.ts";
import type { GateRun, Reply } from "../worker/messages.ts";
import { type Ended, isEnded, type RunLimit, Worker } from "../worker/worker.ts";
import type { Measured } from "./runs.ts";

/** A difference from the code as it is. */
export interface Change {
  /** 0: no code of the copy. */
  readonly number: number;
  readonly edit: Edit | null;
}

const unchanged: Change = { number: 0, edit: null };

/** Runs for one mutant. */
export interface Session extends AsyncDisposable {
  make(run: GateRun, limit: RunLimit, change: Change): Promise<Reply | Ended>;
}

export interface RunnerOptions {
  /** The instrumented copy. */
  readonly root: string;
  readonly redisServer: string | null;
  readonly signal: AbortSignal;
  /** A short run whose trace is known: a mutant after which it differs has left something behind in the process. */
  readonly proof: Measured | null;
  /** Mutants whose place runs while modules are loaded: they need a process of their own. */
  readonly loaded: ReadonlySet<number>;
}

const proofLimit: RunLimit = { cpu: 20_000, real: 120_000 };

export class Runner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  #worker: Worker | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** @returns how the process ended, where it cannot load the mutant */
  async session(mutant: CodeMutant): Promise<Session | Ended> {
    const { file, number } = mutant;
    const part = partOf(file);
    // A changed script, and tests, which run in processes of their own, leave nothing behind.
    if (number === 0 || part === "checkers") return this.#shared(false);
    const isOwn = part !== "scheduler" || this.#options.loaded.has(number);
    return isOwn ? this.#own(number) : this.#shared(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]();
    this.#worker = null;
  }

  async #own(number: number): Promise<Session | Ended> {
    const started = await Worker.start({ ...this.#options, active: number });
    if (isEnded(started)) return started;
    return {
      make: (run, limit, change) => this.#ask(started, run, limit, change),
      [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
    };
  }

  async #shared(isProved: boolean): Promise<Session> {
    return {
      make: async (run, limit, change) => {
        const worker = await this.#running();
        return isEnded(worker) ? worker : this.#ask(worker, run, limit, change);
      },
      [Symbol.asyncDispose]: async () => {
        if (isProved) await this.#prove();
      },
    };
  }

  /** A process that a mutant has left in another state is ended. */
  async #prove(): Promise<void> {
    const { proof } = this.#options;
    if (this.#worker === null || !this.#worker.isAlive) return;
    if (proof !== null) {
      const found = await this.#ask(this.#worker, proof.run, proofLimit, unchanged);
      if (!isEnded(found) && found.verdict === "held" && found.trace === proof.trace) return;
    }
    await this[Symbol.asyncDispose]();
  }

  /** @throws BrokenRunError where it does not start, and not because of the signal */
  async #running(): Promise<Worker | Ended> {
    if (this.#worker?.isAlive === true) return this.#worker;
    const started = await Worker.start({ ...this.#options, active: 0 });
    if (isEnded(started)) {
      if (this.#options.signal.aborted) return started;
      throw new BrokenRunError(`a worker process could not be started: ${started.reason}`, {
        where: "src/mutate",
        fix: "run it again on a machine with less to do",
      });
    }
    this.#worker = started;
    return started;
  }

  #ask(worker: Worker, run: GateRun, limit: RunLimit, { edit, number }: Change): Promise<Reply | Ended> {
    const { redisServer } = this.#options;
    return worker.ask({ run, active: number, edit, redisServer, isCovered: false }, limit);
  }
}
