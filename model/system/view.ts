/**
 * What an instance of the `system` model does with what it is told: the rules of a view, all of them.
 *
 * It knows everything up to its version. A change that is the next one is applied; a page, which is the store as it was at one version, replaces
 * everything; an answer to a lookup is of use only where the view has nothing of that node and is no newer. An epoch that an instance has left never comes back to it.
 */
import type { Change, Instance, Seen, StoredNode, Version, Words } from "./state.ts";

export interface ViewRules {
  /** The news that is on its way to the instance arrives. */
  learn(instance: Instance): void;
  /** The page that is on its way to the instance arrives. */
  resync(instance: Instance): void;
  /** The answer to a lookup arrives. */
  find(instance: Instance, n: number, at: Version, seen: Seen | null): void;
  /** What is believed of a node when `change` has been taken in. */
  after(held: Seen | null, change: Change, version: Version): Seen | null;
  /** What a reader of the record believes. */
  seenOf(record: StoredNode | null, version: Version): Seen | null;
  /** The same node, in the same life, with as many jobs. */
  isSame(one: Seen | null, other: Seen | null): boolean;
}

export function viewRules({ nodes, Seen }: Words, design: string | null): ViewRules {
  const ignoresEpochs = design === "epochs-ignored";

  function learn(instance: Instance): void {
    const { change: news, version } = instance;
    if (news === null) return;
    instance.change = null;
    const isNext = news.version.sequence === version.sequence + 1;
    if (!isNext || (news.version.epoch !== version.epoch && !ignoresEpochs)) return;
    const { n } = news.change;
    instance.version = news.version;
    const held = instance.seen.get(n);
    if (held === null || numberOf(held, news.change, news.version) > held.sequence) {
      instance.seen.set(n, after(held, news.change, news.version));
    }
    if (news.change.kind === "registered" && design !== "miss-mark-kept") instance.missed.set(n, false);
  }

  /** The number of the version that a record has after a change. */
  function numberOf(held: Seen | null, change: Change, { sequence }: Version): number {
    if (design !== "versions-by-node") return sequence;
    return change.kind === "registered" ? 1 : (held?.sequence ?? 0) + 1;
  }

  function after(held: Seen | null, change: Change, version: Version): Seen | null {
    const sequence = numberOf(held, change, version);
    if (change.kind === "registered") return Seen.of({ isOnline: true, incarnation: version, sequence, count: 0 });
    if (change.kind === "removed" || held === null) return null;
    const { incarnation, isOnline } = held;
    if (change.kind === "gone") return Seen.of({ isOnline: false, incarnation, sequence, count: 0 });
    return Seen.of({ isOnline, incarnation, sequence, count: change.count });
  }

  function resync(instance: Instance): void {
    const { version, seen } = instance.page;
    if (version === null) return;
    if (isNewer(version, instance.version) || ignoresEpochs) {
      instance.version = version;
      for (const n of nodes.all) {
        const found = seen.get(n);
        if (found !== null || design !== "page-adds") instance.seen.set(n, found);
        if (found !== null && design !== "miss-mark-kept") instance.missed.set(n, false);
      }
    }
    instance.page.version = null;
    for (const n of nodes.all) seen.set(n, null);
  }

  function find(instance: Instance, n: number, at: Version, seen: Seen | null): void {
    const { version } = instance;
    const held = instance.seen.get(n);
    const isOfUse = held === null && at.epoch === version.epoch && at.sequence >= version.sequence;
    if (!isOfUse && design !== "cache-replaced") return;
    if (seen !== null) instance.seen.set(n, seen);
    else if (held === null) instance.missed.set(n, true);
  }

  function seenOf(record: StoredNode | null, version: Version): Seen | null {
    if (record === null) return null;
    const { status, incarnation, count, version: own } = record;
    const sequence = own.epoch === version.epoch ? own.sequence : 0; // of an earlier epoch: older than all of this one
    return Seen.of({ isOnline: status === "online", incarnation, sequence, count: Math.max(0, count) });
  }

  function isSame(one: Seen | null, other: Seen | null): boolean {
    if (one === null || other === null) return one === other;
    return one.isOnline === other.isOnline && one.incarnation === other.incarnation && one.count === other.count;
  }

  /** Epochs are numbered here in the order in which they began; an instance of a real one remembers those that it has left. */
  function isNewer(one: Version, other: Version): boolean {
    return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
  }

  return { learn, resync, find, after, seenOf, isSame };
}
