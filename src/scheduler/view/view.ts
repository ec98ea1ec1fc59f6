/**
 * The view of this instance of one partition, up to a version.
 *
 * A record may be ahead of the view's version (it came with a page); the entries it has already seen are then skipped.
 */

import type { FeedChange, FeedEntry } from "../../protocol/feed.ts";
import type { NodeState } from "../../protocol/node.ts";
import type { Version } from "../../protocol/version.ts";
import { invariant } from "../invariant.ts";
import { reaches } from "../version.ts";
import type { NodeIndex } from "./node-index.ts";

export type Applied =
  | { readonly kind: "applied"; readonly node: NodeState | null } // null: removed
  | { readonly kind: "known" } // the record, or the view, has it already
  | { readonly kind: "gap" } // not the next in sequence: nothing was changed
  | { readonly kind: "contradiction" }; // about a node that the view should know and does not

export class View {
  readonly #epoch: string;
  #sequence: number;
  #version: Version;
  /** Up to here pages and feed may differ: an entry about an unknown node is about one that was removed meanwhile. */
  readonly #pagesUntil: number;
  readonly #nodes = new Map<string, NodeState>();
  /** Null until the view is shown. */
  #index: NodeIndex | null = null;

  /** @param pagesUntil the largest sequence of the pages that `nodes` came in; `version` is the smallest */
  constructor(version: Version, pagesUntil: number, nodes: Iterable<NodeState>) {
    this.#epoch = version.epoch;
    this.#sequence = version.sequence;
    this.#version = version;
    this.#pagesUntil = pagesUntil;
    for (const node of nodes) this.#put(node);
  }

  /** From now on the index says what this view says, no longer what `former` said. Costs what the two differ in. */
  showIn(index: NodeIndex, former: View): void {
    former.#index = null;
    this.#index = index;
    for (const id of former.#nodes.keys()) if (!this.#nodes.has(id)) index.remove(id);
    for (const node of this.#nodes.values()) index.put(node);
  }

  get version(): Version {
    return this.#version;
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
    this.#version = { epoch: this.#epoch, sequence };
  }

  #put(node: NodeState): void {
    this.#nodes.set(node.node, node);
    this.#index?.put(node);
  }

  #drop(id: string): void {
    this.#nodes.delete(id);
    this.#index?.remove(id);
  }
}

/** The record after the change, as the store writes it; null: removed. */
function changed(before: NodeState | undefined, change: FeedChange, version: Version): NodeState | null {
  if (change.kind === "registered") {
    const { node, incarnation, finished, max_jobs, pools, languages, services, health_milli } = change;
    const fields = { node, incarnation, finished, max_jobs, pools, languages, services, health_milli };
    return { ...fields, status: "online", version, current_jobs: 0 };
  }
  if (before === undefined || change.kind === "removed") return null;
  switch (change.kind) {
    case "health":
      return { ...before, version, health_milli: change.health_milli };
    case "offline":
    case "expired":
      return { ...before, version, status: change.kind, current_jobs: 0 };
    case "completed":
      return { ...before, version, current_jobs: change.current_jobs, finished: change.finished };
    case "reserved":
    case "released":
    case "lapsed":
      return { ...before, version, current_jobs: change.current_jobs };
  }
}
