/** Everything that runs on its own. A task that throws stops the scheduler; nothing is swallowed and nothing outlives `close`. */
import { type Member, SwapRemoveSet } from "./swap-remove-set.ts";

interface Running extends Member {
  /** Settles with the task, and never rejects. */
  watched: Promise<void> | null;
}

export class Tasks {
  readonly #stop = new AbortController();
  readonly #running = new SwapRemoveSet<Running>();
  readonly #onFault: (task: string, error: unknown) => void;

  constructor(onFault: (task: string, error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Aborts when the tasks are to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Runs `work` under supervision. Awaiting the promise, which is the work's own, is optional. */
  run<Result>(task: string, work: () => Promise<Result>): Promise<Result> {
    const running = work();
    const own: Running = { watched: null, place: 0 };
    this.#running.join(own);
    own.watched = running.then(
      () => this.#running.leave(own),
      (error: unknown) => {
        this.#running.leave(own);
        this.#onFault(task, error);
      },
    );
    return running;
  }

  /** Runs `work` under supervision, without a promise to await. */
  spawn(task: string, work: () => Promise<void>): void {
    void this.run(task, work);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** After `stop`: resolves when the last task has ended. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running].map(({ watched }) => watched));
  }
}
