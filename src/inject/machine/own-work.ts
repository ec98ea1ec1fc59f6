/**
 * Measures how long this thread worked for the harness, which may share it with instances: recording, reading the store, comparing. It is wall time,
 * so it includes pauses. Only work within one turn of the event loop is measured, and none in which an instance's code runs.
 */
import type { Millis } from "../../check/history.ts";

/** The part of a socket that reports received data. */
interface DataSource {
  on(event: "data", listener: () => void): unknown;
  prependListener(event: "data", listener: () => void): unknown;
}

export class OwnWork {
  #spent: Millis = 0;
  #since: Millis = 0;
  #depth = 0;

  /** The total so far. */
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

  /** Measures the listeners for data from now on: all of them are the harness's. */
  measureListenersOf(socket: DataSource): void {
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
