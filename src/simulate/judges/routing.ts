/** Which server each instance goes to: the primary, or, while the world is split, the one that it does not know to be replaced. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../protocol/time.ts";
import type { FaultDone, ServerChanged, Stepped } from "../trace/events.ts";

export class Routing {
  readonly #faults: readonly Fault[];
  readonly #instances: number;
  #primary: number | null = null;
  /** Instance -> the server that it stays with. */
  readonly #misled = new Map<number, number>();
  /** The instances that the split which begins now will mislead. */
  #splitting: readonly number[] = [];
  readonly #movedAt: Millis[];

  constructor(faults: readonly Fault[], instances: number) {
    this.#faults = faults;
    this.#instances = instances;
    this.#movedAt = Array.from({ length: instances }, () => Number.NEGATIVE_INFINITY);
  }

  on(event: FaultDone | ServerChanged | Stepped): void {
    switch (event.kind) {
      case "stepped":
        this.#primary ??= event.server;
        break;
      case "fault": {
        const fault = this.#faults[event.fault];
        if (fault?.kind === "redis_split_brain" && event.step === "inject") this.#splitting = fault.instances;
        break;
      }
      case "server":
        this.#server(event);
        break;
    }
  }

  /** null: no server has been asked yet. */
  serverOf(instance: number): number | null {
    return this.#misled.get(instance) ?? this.#primary;
  }

  /** Since when it has gone there. */
  movedAt(instance: number): Millis {
    return this.#movedAt[instance] ?? Number.NEGATIVE_INFINITY;
  }

  #server({ at, server, what }: ServerChanged): void {
    if (what !== "restarted" && what !== "promoted" && what !== "demoted") return;
    const before = Array.from({ length: this.#instances }, (_, instance) => this.serverOf(instance));
    this.#misled.clear();
    if (what !== "demoted") {
      if (this.#primary !== null) for (const instance of this.#splitting) this.#misled.set(instance, this.#primary);
      this.#primary = server;
    }
    this.#splitting = [];
    for (const [instance, former] of before.entries()) {
      if (this.serverOf(instance) !== former) this.#movedAt[instance] = at;
    }
  }
}
