/**
 * What this instance believes of one partition, and up to which version.
 *
 * A record may be ahead of the view's version (it came with a page); the entries it has already seen are then skipped.
 */
import { invariant } from "./invariant.ts";
import type { FeedChange, FeedEntry, NodeState, Version } from "./ports.ts";
import { pairKey } from "./text.ts";
import { reaches } from "./version.ts";

export type Applied =
  | { readonly kind: "applied"; readonly node: NodeState | null } // null: removed
  | { readonly kind: "known" } // the record, or the view, has it already
  | { readonly kind: "gap" } // not the next in sequence: nothing was changed
  | { readonly kind: "contradiction" }; // about a node that the view should know and does not

const nobody: ReadonlySet<string> = new Set();

export class View {
  readonly #epoch: string;
  #sequence: number;
  /** Up to here pages may have told less or more than the feed: an entry about an unknown node is one that was removed meanwhile. */
  readonly #pagesUntil: number;
  readonly #nodes = new Map<string, NodeState>();
  readonly #pools = new Map<string, Set<string>>();
  readonly #pairs = new Map<string, Set<string>>();

  /** @param pagesUntil the largest sequence of the pages that `nodes` came in; `version` is the smallest */
  constructor(version: Version, pagesUntil: number, nodes: Iterable<NodeState>) {
    this.#epoch = version.epoch;
    this.#sequence = version.sequence;
    this.#pagesUntil = pagesUntil;
    for (const node of nodes) this.#put(node);
  }

  get version(): Version {
    return { epoch: this.#epoch, sequence: this.#sequence };
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(node: string): NodeState | undefined {
    return this.#nodes.get(node);
  }

  nodes(): IterableIterator<NodeState> {
    return this.#nodes.values();
  }

  /** Online members only, as in the store. */
  inPool(pool: string): ReadonlySet<string> {
    return this.#pools.get(pool) ?? nobody;
  }

  /** Online nodes that serve the pair. */
  serving(source: string, target: string): ReadonlySet<string> {
    return this.#pairs.get(pairKey({ source, target })) ?? nobody;
  }

  apply({ sequence, change }: FeedEntry): Applied {
    if (sequence <= this.#sequence) return { kind: "known" };
    if (sequence !== this.#sequence + 1) return { kind: "gap" };
    const at = { epoch: this.#epoch, sequence };
    const before = this.#nodes.get(change.node);
    const known = before !== undefined && reaches(before.version, at);
    if (known || (before === undefined && change.kind !== "registered" && sequence <= this.#pagesUntil)) {
      this.#advance(sequence);
      return { kind: "known" };
    }
    if (before === undefined && change.kind !== "registered") return { kind: "contradiction" };
    const after = changed(before, change, at);
    if (after === null) this.#drop(change.node);
    else this.#put(after);
    this.#advance(sequence);
    return { kind: "applied", node: after };
  }

  /** Takes in a record that the view lacks, from a page at `at` that is not older than the view.
   * @returns "contradiction" when the view should have had it
   */
  absorb(record: NodeState, at: Version): "absorbed" | "contradiction" {
    invariant(reaches(at, this.version), "a page older than the view is never taken in", { at, view: this.version });
    const isNews = record.version.epoch === this.#epoch && record.version.sequence > this.#sequence;
    if (!isNews || this.#nodes.has(record.node)) return "contradiction";
    this.#put(record);
    return "absorbed";
  }

  #advance(sequence: number): void {
    invariant(sequence > this.#sequence, "V2 a view never goes back within an epoch", {
      epoch: this.#epoch,
      from: this.#sequence,
      to: sequence,
    });
    this.#sequence = sequence;
  }

  #put(node: NodeState): void {
    const before = this.#nodes.get(node.node);
    if (before !== undefined && hasSamePlace(before, node)) {
      this.#nodes.set(node.node, node);
      return;
    }
    this.#drop(node.node);
    this.#nodes.set(node.node, node);
    if (node.status !== "online") return;
    for (const pool of node.pools) add(this.#pools, pool, node.node);
    for (const pair of node.languages) add(this.#pairs, pairKey(pair), node.node);
  }

  #drop(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#nodes.delete(id);
    for (const pool of node.pools) remove(this.#pools, pool, id);
    for (const pair of node.languages) remove(this.#pairs, pairKey(pair), id);
  }
}

/** The record after the change, as the store writes it; null: removed. */
function changed(before: NodeState | undefined, change: FeedChange, version: Version): NodeState | null {
  if (change.kind === "registered") {
    const { node, incarnation, max_jobs, pools, languages, services, health_milli } = change;
    const fields = { node, incarnation, max_jobs, pools, languages, services, health_milli };
    return { ...fields, status: "online", version, current_jobs: 0 };
  }
  if (before === undefined || change.kind === "removed") return null;
  switch (change.kind) {
    case "health":
      return { ...before, version, health_milli: change.health_milli };
    case "offline":
    case "expired":
      return { ...before, version, status: change.kind, current_jobs: 0 };
    case "reserved":
    case "completed":
    case "released":
    case "lapsed":
      return { ...before, version, current_jobs: change.current_jobs };
  }
}

/** Lists are shared between a record and its successor unless it registered anew, so identity tells; most changes touch no index. */
function hasSamePlace(a: NodeState, b: NodeState): boolean {
  return a.status === b.status && a.pools === b.pools && a.languages === b.languages;
}

function add(index: Map<string, Set<string>>, key: string, node: string): void {
  const members = index.get(key);
  if (members === undefined) index.set(key, new Set([node]));
  else members.add(node);
}

function remove(index: Map<string, Set<string>>, key: string, node: string): void {
  const members = index.get(key);
  if (members?.delete(node) && members.size === 0) index.delete(key);
}
