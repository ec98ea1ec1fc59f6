/**
 * The last changes of a partition, with what it was before them: what is written when a property is violated. Bounded by the number of changes to be kept and by
 * the nodes.
 */
import type { HistoryEvent, Millis, Version } from "../../check/history.ts";
import type { Dump, DumpedNode, Entry, Observation } from "../../check/observed/observation.ts";
import { applyChange, type ReplayedNode } from "../../check/observed/replay.ts";
import { contentOf } from "../../judges/held-node.ts";
import { RecordedNode } from "../../judges/recorded/line.ts";

export type KeptLine = Observation | Extract<HistoryEvent, { readonly kind: "view" | "request" }>;

/** Other lines that are kept for each change. */
const linesForEach = 3;

export class KeptChanges {
  readonly #partition: number;
  readonly #most: number;
  /** The first one that is kept is at `#head`. */
  #lines: KeptLine[] = [];
  #head = 0;
  #entries = 0;
  #base = new Map<string, ReplayedNode>();
  #baseAt: { version: Version; at: Millis };
  readonly #former: readonly Dump[];

  /** @param former the versions that former epochs had reached, the oldest first */
  constructor(partition: number, most: number, begun: { version: Version; at: Millis; former: readonly Version[] }) {
    this.#partition = partition;
    this.#most = most;
    this.#baseAt = begun;
    const { at, former } = begun;
    this.#former = former.map((version) => ({ ...midway, partition, at, version, nodes: [], partly: true }));
  }

  add(line: KeptLine): void {
    this.#lines.push(line);
    if (line.kind === "entry") this.#entries += 1;
    while (this.#entries > this.#most || this.#lines.length - this.#head > linesForEach * this.#most) this.#drop();
    if (this.#head > this.#most) {
      this.#lines = this.#lines.slice(this.#head);
      this.#head = 0;
    }
  }

  /** A node has come to be known at this version: what was kept before cannot tell of it. */
  know(node: string, found: ReplayedNode, version: Version, at: Millis): void {
    while (this.#head < this.#lines.length) this.#drop();
    this.#base.set(node, found);
    this.#baseAt = { version, at };
  }

  forget(node: string): void {
    this.#base.delete(node);
  }

  /** The last change of the node that is kept; undefined: none is. */
  lastOf(node: string): Entry | undefined {
    for (let index = this.#lines.length - 1; index >= this.#head; index -= 1) {
      const line = this.#lines[index];
      if (line?.kind === "entry" && line.change.node === node) return line;
    }
    return undefined;
  }

  /** As a history: what there was, and what has happened since. */
  history(): readonly KeptLine[] {
    const { at, version } = this.#baseAt;
    const nodes = [...this.#base.values()].map(dumpedOf);
    const base: Dump = { ...midway, partition: this.#partition, at, version, nodes };
    return [...this.#former, base, ...this.#lines.slice(this.#head)];
  }

  #drop(): void {
    const line = this.#lines[this.#head];
    this.#head += 1;
    if (line?.kind !== "entry") return;
    this.#entries -= 1;
    const { at, change, epoch, sequence } = line;
    const after = applyChange(this.#base.get(change.node) ?? null, line);
    if (after === null) this.#base.delete(change.node);
    else this.#base.set(change.node, after);
    this.#baseAt = { version: { epoch, sequence }, at };
  }
}

const midway = { kind: "dump", midway: true } as const;

/** With the fields of a record only: a registration has more of them. Heartbeats are not part of the feed. */
function dumpedOf({ content, jobs }: ReplayedNode): DumpedNode {
  const record = new RecordedNode(content);
  return { content: contentOf(content.node, record), heartbeat_seq: -1, jobs: [...jobs] };
}
