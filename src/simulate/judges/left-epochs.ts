/** Which epochs an instance has left, in the life that it lives: what is answered in one of those is of a lost past, and it knows so. */
import type { Version } from "../../check/history.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { InstanceChanged, Said } from "../trace/events.ts";

interface Lived {
  /** By partition. */
  readonly current: Map<number, string>;
  /** Epoch -> when it was left. */
  readonly left: Map<string, Millis>;
}

export class LeftEpochs {
  readonly #lives: readonly Lived[];

  constructor(instances: number) {
    this.#lives = Array.from({ length: instances }, () => ({ current: new Map(), left: new Map() }));
  }

  on(event: Said | InstanceChanged): void {
    const life = this.#lives[event.instance];
    if (life === undefined) return;
    if (event.kind === "instance") {
      // A new life has lived nowhere yet.
      if (event.state !== "crashed") return;
      life.current.clear();
      life.left.clear();
    } else if (event.what.kind === "resynced") {
      const { partition, version } = event.what;
      const before = life.current.get(partition);
      if (before !== undefined && before !== version.epoch) life.left.set(before, event.at);
      life.current.set(partition, version.epoch);
    }
  }

  /** When the instance left the epoch of that version; null: it has not. */
  leftAt(instance: number, { epoch }: Version): Millis | null {
    return this.#lives[instance]?.left.get(epoch) ?? null;
  }
}
