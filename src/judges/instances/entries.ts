/**
 * Whether an instance keeps no more answers than `maxEntries`, by what it answers: the oldest entry goes first, so an answer from L1 for a node after which
 * that many others were kept shows that too many were. Changes and loads remove entries too; a node of which an entry may have gone so is as new.
 */
import type { Call } from "../../check/history.ts";
import type { Changed, ViewMoved } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";

/** The entries of one kind that one instance may still have, and those that had to go. */
class Kept {
  readonly #most: number;
  /** The oldest first. */
  readonly #held = new Set<string>();
  readonly #gone = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  keep(node: string): void {
    this.forget(node);
    this.#held.add(node);
    const [oldest] = this.#held;
    if (this.#held.size <= this.#most || oldest === undefined) return;
    this.#held.delete(oldest);
    this.#gone.add(oldest);
  }

  /** The node is as one that was never kept. */
  forget(node: string): void {
    this.#held.delete(node);
    this.#gone.delete(node);
  }

  clear(): void {
    this.#held.clear();
    this.#gone.clear();
  }

  hadToGo(node: string): boolean {
    return this.#gone.has(node);
  }
}

/** A change of a node that the view of some instance has not come to. */
interface Change {
  readonly node: string;
  readonly epoch: string;
  readonly sequence: number;
}

/** One view. */
interface Behind {
  epoch: string;
  changes: Change[];
}

export class Entries {
  readonly #most: number;
  readonly #instances: number;
  readonly #findings: Findings;
  readonly #answers: readonly Kept[];
  readonly #misses: readonly Kept[];
  /** By instance and partition. */
  readonly #behind = new Map<string, Behind>();

  constructor({ instances, terms }: Case, findings: Findings) {
    this.#most = terms.maxEntries ?? Number.POSITIVE_INFINITY;
    this.#instances = instances;
    this.#findings = findings;
    const each = () => Array.from({ length: instances }, () => new Kept(this.#most));
    this.#answers = each();
    this.#misses = each();
  }

  returned({ id, instance, node, read }: Call): void {
    if (read === undefined || node === undefined || !Number.isFinite(this.#most)) return;
    const kept = (read.found ? this.#answers : this.#misses)[instance];
    if (kept === undefined) return;
    // An answer that came too late for this client may be kept all the same.
    if (read.stale) this.#forgetNode(instance, node);
    else if (read.source === "redis" || (read.source === "l2" && read.found)) kept.keep(node);
    if (read.source !== "l1" && read.source !== "miss") return;
    if (!kept.hadToGo(node)) return;
    this.#findings.violate(
      () => [
        `instance ${instance} answered for node ${node} from ${read.source} after it had kept as many others since, allowed ${this.#most} entries in all`,
      ],
      [id],
    );
  }

  /** A change of a node may remove its entry, or make it the newest, at once or when the view of the instance comes to it. */
  changed(event: Changed | ViewMoved): void {
    if (!Number.isFinite(this.#most)) return;
    if (event.kind === "view") {
      this.#moved(event);
      return;
    }
    const { entry, line } = event;
    const change = { node: entry.node, sequence: entry.sequence, epoch: line.epoch };
    for (let instance = 0; instance < this.#instances; instance += 1) {
      this.#behindOf(instance, line.partition).changes.push(change);
      this.#forgetNode(instance, entry.node);
    }
  }

  /** Nothing that it has kept counts any longer. */
  forget(instance: number): void {
    this.#answers[instance]?.clear();
    this.#misses[instance]?.clear();
  }

  #moved({ instance, partition, version: { epoch, sequence } }: ViewMoved): void {
    const behind = this.#behindOf(instance, partition);
    if (behind.epoch !== epoch) this.forget(instance);
    behind.epoch = epoch;
    const isAhead = (change: Change): boolean => change.epoch === epoch && change.sequence > sequence;
    for (const change of behind.changes) if (!isAhead(change)) this.#forgetNode(instance, change.node);
    behind.changes = behind.changes.filter(isAhead);
  }

  #behindOf(instance: number, partition: number): Behind {
    const place = `${instance} ${partition}`;
    const known = this.#behind.get(place) ?? { epoch: "", changes: [] };
    this.#behind.set(place, known);
    return known;
  }

  #forgetNode(instance: number, node: string): void {
    this.#answers[instance]?.forget(node);
    this.#misses[instance]?.forget(node);
  }
}
