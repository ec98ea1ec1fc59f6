/** A connection through a hop in memory: what either side sends is cut where a test says, and what the other side gets is kept. */
import { EventEmitter } from "node:events";
import { CommandCounts } from "../../../src/inject/network/calls.ts";
import { HopLink, type Watched, type Wire } from "../../../src/inject/network/hop-link.ts";
import type { Interceptor, MessageFilter } from "../../../src/inject/network/interceptor.ts";
import { pieces } from "./resp-values.ts";

class FakeSocket extends EventEmitter implements Wire {
  readonly #written: Buffer[] = [];
  destroyed = false;

  /** All bytes that were written to it. */
  get text(): string {
    return Buffer.concat(this.#written).toString("latin1");
  }

  write(bytes: Buffer): void {
    if (!this.destroyed) this.#written.push(Buffer.from(bytes));
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }

  /** Its peer sends this, in pieces. */
  sends(bytes: string | Buffer, cuts: readonly number[] = []): void {
    const whole = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    for (const piece of pieces(whole, cuts)) if (!this.destroyed) this.emit("data", piece);
  }
}

export function openWires(interceptors: readonly Interceptor[] = [], filters: readonly MessageFilter[] = []) {
  const [client, redis] = [new FakeSocket(), new FakeSocket()];
  const errors: string[] = [];
  const closed: string[] = [];
  const counts = new CommandCounts();
  const watched: Watched = {
    interceptors: new Set(interceptors),
    filters: new Set(filters),
    stamp: (raw) => raw,
    counts,
    onAnswer: () => {},
    onError: (text) => errors.push(text),
    onClosed: () => closed.push("closed"),
  };
  return { client, redis, link: new HopLink(client, redis, watched), errors, closed, counts };
}
