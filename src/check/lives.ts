/** The lives of each node, as the feed tells of them: from a registration to the next, or to the removal. */
import type { Millis } from "./history.ts";
import { type Entry, entriesOf, type Observation } from "./observation.ts";

export interface Life {
  readonly node: string;
  readonly partition: number;
  readonly incarnation: string;
  readonly began: Entry;
  /** Its going offline or its expiry; null: it never did, as far as the feed was seen. */
  readonly went: Entry | null;
  readonly removed: Entry | null;
  /** When the next life of the node was seen; infinity: none was. */
  readonly until: Millis;
}

/** By node, in order. Times are those at which the observer saw each change: a little after it happened. */
export function livesOf(observations: readonly Observation[]): ReadonlyMap<string, readonly Life[]> {
  const lives = new Map<string, Life[]>();
  for (const entry of entriesOf(observations)) {
    const { change, partition } = entry;
    const own = lives.get(change.node) ?? [];
    lives.set(change.node, own);
    const last = own.at(-1);
    if (change.kind === "registered") {
      if (last !== undefined) own[own.length - 1] = { ...last, until: entry.at };
      const { incarnation, node } = change;
      const open = { went: null, removed: null, until: Number.POSITIVE_INFINITY };
      own.push({ node, partition, incarnation, began: entry, ...open });
    } else if (last !== undefined && (change.kind === "offline" || change.kind === "expired")) {
      own[own.length - 1] = { ...last, went: entry };
    } else if (last !== undefined && change.kind === "removed") {
      own[own.length - 1] = { ...last, removed: entry };
    }
  }
  return lives;
}
