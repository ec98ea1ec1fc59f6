/** Which modes an instance was in, by its own word, at and around a moment. */
import type { Millis } from "../../check/history.ts";
import type { InstanceChanged, ModeChanged } from "../event.ts";
import { bestOf, type Shards, worstOf } from "../instances/shards.ts";

interface Spell {
  readonly from: Millis;
  readonly mode: string;
}

/** So many changes are remembered: no call takes longer. */
const mostKept = 64;

export class ModeHistory {
  readonly #shards: Shards;
  /** By instance, then by shard; the latest last. */
  readonly #spells: readonly (readonly Spell[][])[];

  constructor(instances: number, shards: Shards) {
    this.#shards = shards;
    this.#spells = Array.from({ length: instances }, () =>
      shards.all.map(() => [{ from: Number.NEGATIVE_INFINITY, mode: "normal" }]),
    );
  }

  changed({ at, instance, shard, to }: ModeChanged): void {
    this.#begin(this.#spells[instance]?.[shard], at, to);
  }

  /** A new life begins with nothing loaded. */
  reborn({ at, instance, state }: InstanceChanged): void {
    if (state !== "started" && state !== "crashed") return;
    for (const own of this.#spells[instance] ?? []) this.#begin(own, at, "local_only");
  }

  /** Those that it was in with a shard at some moment from `from` to `to`, both included. */
  within(instance: number, shard: number, from: Millis, to: Millis): readonly string[] {
    const own = this.#spells[instance]?.[shard] ?? [];
    const modes: string[] = [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const spell = own[index];
      if (spell === undefined || spell.from > to) continue;
      modes.push(spell.mode);
      if (spell.from < from) break;
    }
    return modes;
  }

  /** The worst that it was in with any shard at some moment of that time, whichever that was. */
  worstWithin(instance: number, from: Millis, to: Millis): readonly string[] {
    const all = this.#shards.all.map((shard) => this.within(instance, shard, from, to));
    if (all.length === 1) return all[0] ?? [];
    const least = worstOf(all.map((modes) => bestOf(modes)));
    const possible = new Set(all.flat());
    return [...possible].filter((mode) => worstOf([mode, least]) === mode);
  }

  #begin(own: Spell[] | undefined, from: Millis, mode: string): void {
    if (own === undefined) return;
    own.push({ from, mode });
    if (own.length > mostKept) own.splice(0, mostKept / 2);
  }
}
