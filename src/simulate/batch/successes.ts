/** Records whether each kind of load has succeeded in some run of a batch; load that never succeeds proves nothing. */
import type { Load } from "../../../scenarios/declare/declare.ts";
import { type Success, successesOf } from "../../load/clients/successes.ts";
import type { Listener } from "../trace/bus.ts";
import type { SimEvent } from "../trace/events.ts";

export class Successes implements Listener {
  readonly hears = ["returned"] as const;
  readonly #all: readonly Success[];
  #open: readonly Success[];

  constructor(load: readonly Load[]) {
    this.#all = successesOf(load);
    this.#open = this.#all;
  }

  on(event: SimEvent): void {
    if (event.kind !== "returned" || this.#open.length === 0) return;
    const { call } = event;
    if (call.from >= 0 && this.#open.some(({ by }) => by(call))) this.#open = this.#open.filter(({ by }) => !by(call));
  }

  get missing(): readonly string[] {
    return this.#open.map(({ what }) => what);
  }

  get met(): readonly string[] {
    return this.#all.filter((one) => !this.#open.includes(one)).map(({ what }) => what);
  }
}
