/** The epoch that is watched, as far as its feed has been followed. It holds the nodes as they are now, never their past. */
import type { Millis, Version } from "../../check/history.ts";
import { type Entry, observerLag } from "../../check/observed/observation.ts";
import { applyChange, type ReplayedNode } from "../../check/observed/replay.ts";
import { RecordedNode } from "../../judges/recorded/line.ts";
import type { ChangeKind, EpochLine, HeldNode, LineEntry, Places } from "../../judges/truth.ts";

class LiveEntry implements LineEntry {
  readonly #entry: Entry;
  readonly #before: ReplayedNode | null;
  readonly #after: ReplayedNode | null;

  constructor(entry: Entry, before: ReplayedNode | null, after: ReplayedNode | null) {
    this.#entry = entry;
    this.#before = before;
    this.#after = after;
  }

  get sequence(): number {
    return this.#entry.sequence;
  }
  get since(): Millis {
    return this.#entry.at - observerLag;
  }
  get at(): Millis {
    return this.#entry.at;
  }
  get node(): string {
    return this.#entry.change.node;
  }
  get kind(): ChangeKind {
    return this.#entry.change.kind;
  }
  get job(): string | null {
    const { change } = this.#entry;
    return "job" in change ? change.job : null;
  }
  get lapsed(): readonly string[] {
    const { change } = this.#entry;
    return change.kind === "lapsed" ? change.jobs : [];
  }
  get orphaned(): readonly string[] | undefined {
    if (this.kind === "lapsed") return this.lapsed;
    if (this.kind !== "registered" && this.kind !== "offline" && this.kind !== "expired") return [];
    return this.#before === null ? undefined : [...this.#before.jobs];
  }
  get lease(): null | undefined {
    return this.kind === "reserved" ? undefined : null;
  }
  get count(): number | null {
    const { change } = this.#entry;
    return "current_jobs" in change ? change.current_jobs : null;
  }
  get record(): HeldNode | null | undefined {
    if (this.#after !== null) return new RecordedNode(this.#after.content);
    return this.kind === "removed" ? null : undefined;
  }
  get places(): Places | undefined {
    if (this.#after !== null) return this.#after.jobs;
    return this.kind === "removed" ? new Set() : undefined;
  }
  get request(): undefined {
    return undefined;
  }
}

interface Place {
  readonly epoch: string;
  readonly partition: number;
  readonly order: number;
  readonly begunAt: Millis;
  /** The sequence from which on it is followed. */
  readonly from: number;
}

export class LiveLine implements EpochLine {
  readonly epoch: string;
  readonly partition: number;
  readonly order: number;
  readonly begunAt: Millis;
  readonly server = 0;
  readonly follows = undefined;
  readonly base: ReadonlyMap<string, HeldNode> = new Map();
  /** Where the store is, which may be ahead of what has been followed. */
  last: number;
  #followed: number;
  #nodes = new Map<string, ReplayedNode>();
  /** As each node was when the present judges came to know it. */
  #found = new Map<string, ReplayedNode>();
  readonly #unreadable = new Set<string>();
  #isLoaded = false;

  constructor({ begunAt, epoch, from, order, partition }: Place) {
    this.epoch = epoch;
    this.partition = partition;
    this.order = order;
    this.begunAt = begunAt;
    this.last = from;
    this.#followed = from;
  }

  get begunSince(): Millis {
    return this.begunAt - observerLag;
  }

  /** How far the feed has been followed. */
  get followed(): number {
    return this.#followed;
  }

  get version(): Version {
    return { epoch: this.epoch, sequence: this.#followed };
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Nodes whose keys cannot be read. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Every node that there is has been looked at: another one does not exist. */
  loaded(): void {
    this.#isLoaded = true;
  }

  isKnown(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** Whether nothing is known of the node: it may be there, and may not. */
  isUnknown(node: string): boolean {
    return !this.#nodes.has(node) && (!this.#isLoaded || this.#unreadable.has(node));
  }

  /** Takes in a node that was not known, as a look found it. */
  know(node: string, found: ReplayedNode): void {
    this.#nodes.set(node, found);
    this.#found.set(node, found);
    this.#unreadable.delete(node);
  }

  cannotRead(node: string): void {
    this.#nodes.delete(node);
    this.#unreadable.add(node);
  }

  apply(entry: Entry): LineEntry {
    const { node } = entry.change;
    const before = this.#nodes.get(node) ?? null;
    const after = applyChange(before, entry);
    if (after === null) this.#nodes.delete(node);
    else this.#nodes.set(node, after);
    if (after !== null || entry.change.kind === "removed") this.#unreadable.delete(node);
    this.#followed = entry.sequence;
    this.last = Math.max(this.last, entry.sequence);
    return new LiveEntry(entry, before, after);
  }

  /** New judges begin with what there is now. */
  rebase(): void {
    this.#found = new Map(this.#nodes);
  }

  get nodes(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** Only what is handed on with the event itself is known of a change. */
  entry(): undefined {
    return undefined;
  }

  knownFrom(): number {
    return this.#followed;
  }

  next(): undefined {
    return undefined;
  }

  at(node: string, sequence: number): HeldNode | null | undefined {
    if (sequence !== this.#followed) return undefined;
    const held = this.#nodes.get(node);
    if (held !== undefined) return new RecordedNode(held.content);
    return this.isUnknown(node) ? undefined : null;
  }

  holds(node: string, job: string, sequence: number): boolean | undefined {
    return this.places(node, sequence)?.has(job);
  }

  places(node: string, sequence: number): Places | undefined {
    if (sequence === 0) return this.#found.get(node)?.jobs;
    return sequence === this.#followed ? this.#nodes.get(node)?.jobs : undefined;
  }

  finished(): boolean {
    return false;
  }

  since(): readonly LineEntry[] {
    return [];
  }
}
