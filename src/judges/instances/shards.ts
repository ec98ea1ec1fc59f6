/** The servers of a store and what is on each: partitions that share a server share a mode (docs/modes.md, "Shards"). */
import type { Millis, PartitionTag as Tag } from "../../check/history.ts";
import type { ModeChanged } from "./events.ts";

export class Shards {
  readonly #groups: readonly (readonly Tag[])[];
  readonly #places = new Map<Tag, number>();

  /** @param groups what is on each server */
  constructor(groups: readonly (readonly Tag[])[]) {
    this.#groups = groups;
    for (const [shard, tags] of this.#groups.entries()) for (const tag of tags) this.#places.set(tag, shard);
  }

  get count(): number {
    return this.#groups.length;
  }

  /** Their numbers. */
  get all(): readonly number[] {
    return [...this.#groups.keys()];
  }

  /** Null: not known. */
  of(tag: Tag | undefined): number | null {
    if (this.count === 1) return 0;
    return tag === undefined ? null : (this.#places.get(tag) ?? null);
  }

  /** Those that have some of the partitions. @param partitions absent: all */
  with(partitions: readonly Tag[] | undefined): readonly number[] {
    if (partitions === undefined || this.count === 1) return this.all;
    return this.all.filter((shard) => this.#groups[shard]?.some((tag) => partitions.includes(tag)));
  }

  /** One server has everything. */
  static one(partitions: number): Shards {
    return new Shards([[...Array.from({ length: partitions }, (_, partition) => partition), "cfg"]]);
  }

  /** What is on one. */
  tags(shard: number): readonly Tag[] {
    return this.#groups[shard] ?? [];
  }

  /** For a message: which one, where there are several. */
  text(shard: number): string {
    return this.count === 1 ? "" : `, shard ${shard}`;
  }
}

const badness = ["normal", "l2_only", "local_only"];

export function worstOf(modes: Iterable<string>): string {
  let worst = "normal";
  for (const mode of modes) if (badness.indexOf(mode) > badness.indexOf(worst)) worst = mode;
  return worst;
}

export function bestOf(modes: readonly string[]): string {
  return badness.find((mode) => modes.includes(mode)) ?? "normal";
}

/** What an instance says of a mode that has changed. */
interface Said {
  readonly at: Millis;
  readonly instance: number;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  /** What it is the mode of; absent: everything. */
  readonly partitions?: readonly Tag[] | undefined;
}

/** The modes of the shards of one instance, by its own word about partitions: a shard has the worst mode of what is on it. */
export class ShardModes {
  readonly #shards: Shards;
  /** By shard, then by what is on it. */
  readonly #modes: Map<Tag, string>[];

  constructor(shards: Shards, mode: string) {
    this.#shards = shards;
    this.#modes = shards.all.map((shard) => new Map(shards.tags(shard).map((tag) => [tag, mode])));
  }

  *changed({ partitions, ...change }: Said): Generator<ModeChanged> {
    if (this.#shards.count === 1 && partitions === undefined) {
      yield { kind: "mode", shard: 0, ...change };
      return;
    }
    for (const shard of this.#shards.with(partitions)) {
      const modes = this.#modes[shard];
      if (modes === undefined) continue;
      const from = worstOf(modes.values());
      for (const tag of modes.keys()) if (partitions?.includes(tag) ?? true) modes.set(tag, change.to);
      const to = worstOf(modes.values());
      if (to !== from) yield { kind: "mode", ...change, shard, from, to };
    }
  }
}
