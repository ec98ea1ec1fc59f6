/**
 * Which nodes are online, as of the event that is heard now, each with what it offers and the jobs that it had. Where the feed was not seen without a hole, nothing
 * is known of a node until all of the partition is looked at, or the node registers again.
 */
import type { Millis } from "../../check/history.ts";
import type { Changed, EpochStarted, PartitionSeen } from "../event.ts";
import type { EpochLine, HeldNode } from "../truth.ts";

/** One node while it is online with one offer. */
export interface OnlineNode {
  readonly line: EpochLine;
  readonly node: string;
  readonly offer: HeldNode;
  /** When it was first seen to be there. */
  readonly from: Millis;
  /** The sequence of its last observed change. */
  sequence: number;
  jobs: number;
  /** How many jobs it had, each since `at`, in order. */
  readonly counts: { readonly at: Millis; readonly count: number }[];
  healthMilli: number;
}

/** One epoch, without a hole. */
interface Followed {
  sequence: number;
  /** Nothing was missed since it was last known whole. */
  isWhole: boolean;
  readonly nodes: Map<string, OnlineNode>;
}

const nothing: ReadonlyMap<string, OnlineNode> = new Map();

export class OnlineNodes {
  readonly #followed = new Map<EpochLine, Followed>();
  readonly #partitions = new Map<string, number>();

  on(event: EpochStarted | Changed | PartitionSeen): void {
    if (event.kind === "epoch") this.#begun(event.line);
    else if (event.kind === "change") this.#changed(event);
    else this.#seen(event);
  }

  of(line: EpochLine): ReadonlyMap<string, OnlineNode> {
    return this.#followed.get(line)?.nodes ?? nothing;
  }

  /** Whether all nodes that are online at its last change are known. */
  isWhole(line: EpochLine): boolean {
    const followed = this.#followed.get(line);
    return followed?.isWhole === true && followed.sequence === line.last;
  }

  /** Returns the partition of a node; undefined: the node was never observed. */
  partitionOf(node: string): number | undefined {
    return this.#partitions.get(node);
  }

  #begun(line: EpochLine): Followed {
    const known = this.#followed.get(line);
    if (known !== undefined) return known;
    const followed: Followed = { sequence: 0, isWhole: true, nodes: new Map() };
    for (const [node, held] of line.base) {
      this.#partitions.set(node, line.partition);
      begin(followed, { line, node, offer: held, from: line.begunAt });
    }
    this.#followed.set(line, followed);
    return followed;
  }

  #changed({ at, entry, line }: Changed): void {
    const followed = this.#begun(line);
    const { count, kind, node, record, sequence } = entry;
    if (sequence <= followed.sequence) return; // seen already
    if (sequence !== followed.sequence + 1) {
      followed.nodes.clear();
      followed.isWhole = false;
    }
    followed.sequence = sequence;
    switch (kind) {
      case "registered":
        this.#partitions.set(node, line.partition);
        followed.nodes.delete(node);
        if (record) begin(followed, { line, node, offer: record, from: at });
        break;
      case "offline":
      case "expired":
      case "removed":
        followed.nodes.delete(node);
        break;
      default: {
        const one = followed.nodes.get(node);
        if (one === undefined) break;
        one.sequence = sequence;
        if (kind === "health") one.healthMilli = record?.healthMilli ?? 0;
        if (count === null) break;
        one.jobs = count;
        one.counts.push({ at, count });
      }
    }
  }

  #seen({ at, line, nodes, sequence }: PartitionSeen): void {
    const followed = this.#begun(line);
    if (followed.sequence === sequence) return;
    followed.nodes.clear();
    followed.isWhole = true;
    followed.sequence = sequence;
    for (const [node, { record }] of nodes) {
      this.#partitions.set(node, line.partition);
      begin(followed, { line, node, offer: record, from: at });
    }
  }
}

function begin(
  { nodes }: Followed,
  { from, line, node, offer }: Pick<OnlineNode, "line" | "node" | "offer" | "from">,
): void {
  if (offer.status !== "online") return;
  const { currentJobs: jobs, healthMilli, version } = offer;
  const sequence = version.epoch === line.epoch ? version.sequence : 0;
  const counts = [{ at: from, count: jobs }];
  nodes.set(node, { line, node, offer, from, sequence, jobs, counts, healthMilli });
}
