/** Content that an instance's views lack, or have too much, compared with the store at the time. */
import { type Millis, type Version, versionText } from "../../check/history.ts";
import type { EpochEnded, EpochStarted, JudgeEventKind, PartitionSeen, Sampled } from "../event.ts";
import { differenceOf } from "../held-node.ts";
import type { Case } from "../judge.ts";
import type { EpochLine } from "../truth.ts";

export interface Lack {
  /** Since when the store has held what the view does not; minus infinity: there is no such moment. */
  readonly since: Millis;
  /** The view has come as far as the store, and shows something else: waiting for it would not help. */
  readonly isAsFar: boolean;
  readonly text: () => string;
}

export class Lacks {
  static readonly hears = ["epoch", "epoch_ended", "partition"] as const satisfies readonly JudgeEventKind[];
  readonly #truth: Case["truth"];
  /** By partition: as it was last looked at. */
  readonly #stored = new Map<number, PartitionSeen>();
  /** Partitions in which no epoch has begun since the last one ended. */
  readonly #withoutEpoch = new Set<number>();

  constructor({ truth }: Pick<Case, "truth">) {
    this.#truth = truth;
  }

  on(event: EpochStarted | EpochEnded | PartitionSeen): void {
    if (event.kind === "epoch_ended") this.#withoutEpoch.add(event.partition);
    else this.#withoutEpoch.delete(event.line.partition);
    if (event.kind === "partition") this.#stored.set(event.line.partition, event);
  }

  /**
   * By version. null: nothing; `unseen`: it is at a version that the store may have had without being seen there; undefined: no epoch had begun by then, so
   * that there is nothing to compare with.
   */
  ofVersion(partition: number, { at, instance, views }: Sampled): Lack | "unseen" | null | undefined {
    const view = views[partition] ?? null;
    const target = this.#withoutEpoch.has(partition) ? undefined : this.#truth.followedBy(instance, partition, at);
    if (view !== null && view.epoch === target?.epoch && view.sequence === target.last) return null;
    const [first] = this.#truth.of(partition);
    if (view === null && (first === undefined || first.begunAt > at)) return undefined;
    const standing = view === null ? "held" : this.#truth.standing(view, Number.NEGATIVE_INFINITY, at);
    if (standing === "unseen") return "unseen";
    const text = (): string => {
      const stored = target === undefined ? null : { epoch: target.epoch, sequence: target.last };
      return `partition ${partition}: view at ${textOf(view)}, store at ${textOf(stored)}`;
    };
    const line = target && this.#truth.line(target.epoch);
    if (standing === "never" || target === undefined || line === undefined)
      return { since: Number.NEGATIVE_INFINITY, isAsFar: false, text };
    // The store was seen to be there only after this look.
    if (view !== null && (this.#truth.line(view.epoch)?.begunAt ?? at) > at) return null;
    if (view?.epoch !== target.epoch) return { since: line.begunAt, isAsFar: false, text };
    if (view.sequence > target.last) return null;
    return { since: heldSince(line, view.sequence + 1, target.last), isAsFar: false, text };
  }

  /**
   * By content, where the version is the same. null: nothing; `unread`: the store has not been looked at at such a version.
   * @param isWhole every view is at the version of the store
   */
  ofNodes({ nodes = [], views }: Sampled, isWhole: boolean): Lack | "unread" | null {
    const shown = new Map(nodes.map((node) => [node.node, node]));
    const held = new Set<string>();
    let isRead = isWhole;
    let found: Lack | null = null;
    let settledAt = Number.NEGATIVE_INFINITY;
    for (const [partition, view] of views.entries()) {
      const stored = this.#stored.get(partition);
      if (view === null) continue;
      if (stored === undefined || !isAt(stored, view)) {
        isRead = false;
        continue;
      }
      const since = heldSince(stored.line, view.sequence, view.sequence);
      settledAt = Math.max(settledAt, since);
      for (const [node, { record }] of stored.nodes) {
        held.add(node);
        const other = shown.get(node);
        const differs = other === undefined ? "is not there" : differenceOf(record, other);
        if (differs === null) continue;
        found = oldestOf(found, {
          since,
          isAsFar: true,
          text: () => `partition ${partition}: node ${node}: ${differs}`,
        });
      }
    }
    if (found !== null) return found;
    if (!isRead) return "unread";
    const extra = nodes.find(({ node }) => !held.has(node));
    if (extra === undefined) return null;
    return { since: settledAt, isAsFar: true, text: () => `node ${extra.node}, which the store does not hold` };
  }
}

/** Returns the lack that has lasted longer. */
export function oldestOf(one: Lack | null, other: Lack | null): Lack | null {
  if (one === null || other === null) return one ?? other;
  return other.since < one.since ? other : one;
}

function isAt({ line, sequence }: PartitionSeen, view: Version): boolean {
  return line.epoch === view.epoch && sequence === view.sequence;
}

/** When the first of the changes from `from` to `to` was made, as far as one was seen. */
function heldSince(line: EpochLine, from: number, to: number): Millis {
  for (let sequence = from; sequence <= to; sequence += 1) {
    const entry = line.entry(sequence);
    if (entry !== undefined) return entry.at;
  }
  return line.begunAt;
}

function textOf(version: Version | null): string {
  return version === null ? "nothing" : versionText(version);
}
