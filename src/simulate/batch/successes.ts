/** Records whether each kind of load has succeeded in some run of a batch; load that never succeeds proves nothing. */
import type { Load } from "../../../scenarios/declare/declare.ts";
import { type Success, successesOf } from "../../load/clients/successes.ts";
import type { Listener } from "../trace/bus.ts";
import type { SimEvent } from "../trace/events.ts";

export class Successes implements Listener {
  readonly hears = ["returned"] as const;
  readonly #all: readonly Success[];
  /** Without, and with, the run that is going on. */
  #open: readonly Success[];
  #openNow: readonly Success[];

  constructor(load: readonly Load[]) {
    this.#all = successesOf(load);
    this.#open = this.#all;
    this.#openNow = this.#all;
  }

  on(event: SimEvent): void {
    if (event.kind !== "returned" || this.#openNow.length === 0) return;
    const { call } = event;
    if (call.from < 0 || !this.#openNow.some(({ by }) => by(call))) return;
    this.#openNow = this.#openNow.filter(({ by }) => !by(call));
  }

  /** A run that is dropped was not judged, so what succeeded in it does not count. */
  keepRun(): void {
    this.#open = this.#openNow;
  }

  get missing(): readonly string[] {
    return this.#open.map(({ what }) => what);
  }

  get met(): readonly string[] {
    return this.#all.filter((one) => !this.#open.includes(one)).map(({ what }) => what);
  }
}
