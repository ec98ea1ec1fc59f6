/** Limits the commands that a watch sends: as many a second, evenly. */
import type { Millis } from "../../check/history.ts";

export class RateLimit {
  readonly #perMs: number;
  /** When the commands sent so far are paid for. */
  #paidAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1_000;
  }

  /** How many commands may be sent within `span` ms without falling behind. */
  within(span: Millis, now: Millis): number {
    return Math.floor((span - Math.max(0, this.#paidAt - now)) * this.#perMs);
  }

  /** @returns how long to wait before they are sent, in ms */
  spend(commands: number, now: Millis): Millis {
    const wait = Math.max(0, this.#paidAt - now);
    this.#paidAt = Math.max(this.#paidAt, now) + commands / this.#perMs;
    return wait;
  }
}
