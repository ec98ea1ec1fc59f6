/**
 * The store of the `system` model: the one `step` that `conform` compares with Lua works on its fields, as a `Partition`.
 * Each step is computed once and remembered.
 */
import { type Broken, brokenInvariants } from "../partition/checks/invariants.ts";
import type { Command, Reply } from "../partition/command.ts";
import type { Partition, PartitionStep } from "../partition/state.ts";
import { type Ask, commandOf, keyOfAsk } from "./commands.ts";
import { PartitionFields } from "./partition-fields.ts";
import type { Bounds } from "./scope.ts";
import type { Domains, FeedEntry, Meta, Store, StoredNode } from "./state.ts";

/** `step` of the partition, or what a mutant has in its place. */
export type PartitionRule = (partition: Partition, command: Command) => PartitionStep;

export type StoreBounds = Pick<
  Bounds,
  "capacity" | "epochs" | "sequences" | "laterSequences" | "feedEntries" | "ttl" | "nodes" | "jobs"
>;

interface Outcome {
  readonly meta: Meta;
  readonly feed: readonly FeedEntry[];
  readonly nodes: readonly (StoredNode | null)[];
  readonly reply: Reply;
}

export class ModelStore {
  readonly fields: PartitionFields;
  readonly #domains: Domains;
  readonly #bounds: StoreBounds;
  readonly #step: PartitionRule;
  readonly #outcomes = new Map<string, Outcome | null>();
  readonly #broken = new Map<string, readonly Broken[]>();

  constructor(domains: Domains, bounds: StoreBounds, step: PartitionRule) {
    this.fields = new PartitionFields(domains, bounds);
    this.#domains = domains;
    this.#bounds = bounds;
    this.#step = step;
  }

  /** Executes a call. @returns null, and the store is as it was, where epochs or versions have run out */
  call(store: Store, ask: Ask): Reply | null {
    const key = `${this.#keyOf(store)} ${keyOfAsk(ask)}`;
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      outcome = this.#execute(store, ask);
      this.#outcomes.set(key, outcome);
    }
    if (outcome === null) return null;
    store.meta = outcome.meta;
    store.feed.clear();
    for (const entry of outcome.feed) store.feed.push(entry);
    for (const n of this.#domains.nodes.all) store.node.set(n, outcome.nodes[n] ?? null);
    return outcome.reply;
  }

  broken(store: Store): readonly Broken[] {
    const key = this.#keyOf(store);
    const known = this.#broken.get(key);
    if (known !== undefined) return known;
    const found = brokenInvariants(this.fields.partitionOf(store, null));
    this.#broken.set(key, found);
    return found;
  }

  #execute(store: Store, ask: Ask): Outcome | null {
    const { state, reply } = this.#step(this.fields.partitionOf(store, ask), commandOf(ask, this.#bounds));
    const { meta, nextEpoch } = state;
    const isBeyondScope =
      nextEpoch > this.#bounds.epochs + 1 || (meta !== null && meta.sequence > lastSequence(this.#bounds, meta.epoch));
    return isBeyondScope ? null : { ...this.fields.fieldsOf(state), reply };
  }

  #keyOf({ meta, feed, node }: Store): string {
    let key = String(meta.code);
    for (const { code } of feed) key += `,${code}`;
    for (const n of this.#domains.nodes.all) key += ` ${node.get(n)?.code ?? ""}`;
    return key;
  }
}

/** The highest sequence that an epoch has in the scope. */
export function lastSequence(
  { sequences, laterSequences }: Pick<Bounds, "sequences" | "laterSequences">,
  epoch: number,
): number {
  return epoch > 1 && laterSequences > 0 ? Math.min(sequences, laterSequences) : sequences;
}
