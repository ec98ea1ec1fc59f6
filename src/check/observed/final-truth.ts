/**
 * What the store held when everything had come to rest, and since when it had held what a view is without. The load has ended by then, and yet
 * the store changes: a node expires, a lease lapses. Who looks at such a change sees it a little after it was made.
 */
import { firstDifference } from "../content.ts";
import { type Millis, type Sample, type Version, versionText } from "../history.ts";
import { type Dump, dumpsOf, type Observation, partitionsOf } from "./observation.ts";

/** What a view is without, or has too much. */
export interface Lack {
  /** Since when the store has held what the view does not; minus infinity where nobody saw it change to that. */
  readonly since: Millis;
  /** It has come as far as the store, and shows something else: waiting for it would not help. */
  readonly isAsFar: boolean;
  readonly text: string;
}

export class FinalTruth {
  readonly #partitions: readonly FinalPartition[];
  readonly #held: ReadonlySet<string>;

  constructor(observations: readonly Observation[]) {
    this.#partitions = partitionsOf(observations).flatMap((partition) => {
      const own = observations.filter((one) => one.partition === partition);
      const dumps = dumpsOf(own);
      const last = dumps.at(-1);
      // One in which no epoch ever began is none that anybody asked for; one whose epoch is past is not what anybody may still hold.
      return last === undefined || dumps.every(({ version }) => version === null)
        ? []
        : [new FinalPartition(last, own)];
    });
    this.#held = new Set(this.#partitions.flatMap(({ ids }) => ids));
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  /** What the store had held longest of what the sample is without; null: the two are equal. */
  lackOf(sample: Sample): Lack | null {
    const shown = new Map(sample.nodes.map((node) => [node.node, node]));
    const lacks = this.#partitions.flatMap((partition) => {
      const lack = partition.lackOf(sample.views[partition.partition] ?? null, shown);
      return lack === null ? [] : [lack];
    });
    if (lacks.length > 0) return lacks.reduce((oldest, lack) => (lack.since < oldest.since ? lack : oldest));
    const extra = sample.nodes.find(({ node }) => !this.#held.has(node));
    if (extra === undefined) return null;
    const since = Math.max(...this.#partitions.map(({ settledAt }) => settledAt));
    return { since, isAsFar: true, text: `node ${extra.node}, which the store does not hold` };
  }
}

type Shown = ReadonlyMap<string, Sample["nodes"][number]>;

class FinalPartition {
  readonly partition: number;
  readonly #dump: Dump;
  /** From the beginning of its last epoch on; where it has none, from the moment on at which it had none any more. */
  readonly #last: readonly Observation[];

  constructor(dump: Dump, observations: readonly Observation[]) {
    this.partition = dump.partition;
    this.#dump = dump;
    const other = observations.findLastIndex((one) => epochOf(one) !== epochOf(dump));
    this.#last = observations.slice(other + 1);
  }

  get ids(): readonly string[] {
    return this.#dump.nodes.map(({ content }) => content.node);
  }

  /** When it was first seen as it is in the end. */
  get settledAt(): Millis {
    return this.#seenAt(this.#dump.version?.sequence ?? 0);
  }

  lackOf(view: Version | null, shown: Shown): Lack | null {
    const { nodes, version } = this.#dump;
    const of = `partition ${this.partition}: `;
    if (view === null || version === null || versionText(view) !== versionText(version)) {
      const text = `${of}view at ${textOf(view)}, store at ${textOf(version)}`;
      return { since: this.#withoutSince(view), isAsFar: false, text };
    }
    for (const { content } of nodes) {
      const node = shown.get(content.node);
      const differs = node === undefined ? "is not there" : firstDifference(node, content);
      if (differs === null) continue;
      return { since: this.settledAt, isAsFar: true, text: `${of}node ${content.node}: ${differs}` };
    }
    return null;
  }

  #withoutSince(view: Version | null): Millis {
    const { version } = this.#dump;
    if (view === null || version === null || view.epoch !== version.epoch)
      return this.#last[0]?.at ?? Number.NEGATIVE_INFINITY;
    // Ahead of the store: nobody saw what it is waiting for.
    return view.sequence > version.sequence ? Number.NEGATIVE_INFINITY : this.#seenAt(view.sequence + 1);
  }

  /** When the last epoch was first seen to have come so far. */
  #seenAt(sequence: number): Millis {
    return this.#last.find((one) => sequenceOf(one) >= sequence)?.at ?? Number.NEGATIVE_INFINITY;
  }
}

/** null: none has begun. */
function epochOf(one: Observation): string | null {
  return one.kind === "entry" ? one.epoch : (one.version?.epoch ?? null);
}

function sequenceOf(one: Observation): number {
  return one.kind === "entry" ? one.sequence : (one.version?.sequence ?? 0);
}

function textOf(version: Version | null): string {
  return version === null ? "nothing" : versionText(version);
}
