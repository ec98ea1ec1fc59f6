/** Reports the progress of a cold start, page by page, until the instance is ready. */
import type { Emit, Progress } from "../events.ts";

export class ProgressListeners {
  readonly #emit: Emit;
  readonly #of: number;
  readonly #listeners = new Set<(progress: Progress) => void>();
  readonly #loaded = new Set<unknown>();
  #pages = 0;
  #nodes = 0;
  #isOver = false;

  /** @param of the partitions to load, and the configuration */
  constructor(emit: Emit, of: number) {
    this.#emit = emit;
    this.#of = of;
  }

  listen(listener: (progress: Progress) => void): void {
    this.#listeners.add(listener);
  }

  page(nodes: number): void {
    this.#pages++;
    this.#nodes += nodes;
    this.#report();
  }

  partition(partition: unknown): void {
    this.#loaded.add(partition);
    this.#report();
  }

  over(): void {
    this.#isOver = true;
    this.#listeners.clear();
  }

  #report(): void {
    if (this.#isOver) return;
    const partitions = { loaded: this.#loaded.size, of: this.#of };
    const progress: Progress = { partitions, pages: this.#pages, nodes: this.#nodes };
    this.#emit({ kind: "loading", ...progress });
    for (const listener of this.#listeners) listener(progress);
  }
}
