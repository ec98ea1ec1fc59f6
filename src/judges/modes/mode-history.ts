/** Which modes an instance was in, by its own word, at and around a moment. */
import type { Millis } from "../../check/history.ts";
import type { InstanceChanged, ModeChanged } from "../event.ts";

interface Spell {
  readonly from: Millis;
  readonly mode: string;
}

/** So many changes are remembered: no call takes longer. */
const mostKept = 64;

export class ModeHistory {
  /** By instance, the latest last. */
  readonly #spells: readonly Spell[][];

  constructor(instances: number) {
    this.#spells = Array.from({ length: instances }, () => [{ from: Number.NEGATIVE_INFINITY, mode: "normal" }]);
  }

  changed({ at, instance, to }: ModeChanged): void {
    this.#begin(instance, at, to);
  }

  /** A new life begins with nothing loaded, unless it was found in another mode. */
  reborn({ at, instance, mode = "local_only", state }: InstanceChanged): void {
    if (state === "started" || state === "crashed") this.#begin(instance, at, mode);
  }

  /** Those that it was in at some moment from `from` to `to`, both included. */
  within(instance: number, from: Millis, to: Millis): readonly string[] {
    const own = this.#spells[instance] ?? [];
    const modes: string[] = [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const spell = own[index];
      if (spell === undefined || spell.from > to) continue;
      modes.push(spell.mode);
      if (spell.from < from) break;
    }
    return modes;
  }

  #begin(instance: number, from: Millis, mode: string): void {
    const own = this.#spells[instance];
    if (own === undefined) return;
    own.push({ from, mode });
    if (own.length > mostKept) own.splice(0, mostKept / 2);
  }
}
