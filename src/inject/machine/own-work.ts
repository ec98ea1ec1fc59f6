/**
 * For how long this thread was at work for the harness, which shares it with the instances: what it records, reads of the store and compares. Wall
 * time, so it may have stood still itself meanwhile. Only what begins and ends in one turn is measured, and nothing in which an instance's code runs.
 */
import type { Millis } from "../../check/history.ts";

/** A socket, as far as it tells of what has come. */
interface Told {
  on(event: "data", told: () => void): unknown;
  prependListener(event: "data", told: () => void): unknown;
}

export class OwnWork {
  #spent: Millis = 0;
  #since: Millis = 0;
  #depth = 0;

  /** In all, so far. */
  get spent(): Millis {
    return this.#spent;
  }

  measure<Result>(work: () => Result): Result {
    this.#begin();
    try {
      return work();
    } finally {
      this.#end();
    }
  }

  /** From now on, what its listeners do with what comes: all of them are ours. */
  measureListenersOf(socket: Told): void {
    socket.prependListener("data", () => this.#begin());
    socket.on("data", () => this.#end());
  }

  #begin(): void {
    if (this.#depth === 0) this.#since = performance.now();
    this.#depth += 1;
  }

  #end(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#spent += performance.now() - this.#since;
  }
}
