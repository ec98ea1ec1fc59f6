/** The log: how an epoch begins, how a change takes its version, and which missed changes a follower gets. */
import type { Call, Change, Epoch, FeedEntry, KeptLoss, NodeChange, Succession, Version } from "./command.ts";
import { type Begun, type Log, type Meta, type Partition, versionOf, withNode } from "./state.ts";

/** How many past epochs a partition remembers. */
const mostPast = 16;

/** The layout of the keys that the protocol describes. */
const layout = 2;

export interface LayoutMismatch {
  readonly kind: "layout_mismatch";
  readonly version: Version;
  readonly layout: number;
  readonly partitions: number;
}

/** The reply where the stored data have another layout than the caller's; null: nothing is stored yet, or it fits. */
export function layoutMismatch(log: Log, call: Call): LayoutMismatch | null {
  const { meta } = log;
  if (meta === null || (meta.layout === layout && meta.partitions === call.partitions)) return null;
  return { kind: "layout_mismatch", version: versionOf(meta), layout: meta.layout, partitions: meta.partitions };
}

/** A new epoch begins if the server that answers is not the one that wrote, or nothing says who did; all but the log stays. */
export function begin<State extends Log>(state: State, call: Call): Begun<State> {
  const { meta, server } = state;
  if (meta !== null && meta.server === server) return state as Begun<State>;
  const succession = { generation: (meta?.generation ?? 0) + 1, past: pastOf(meta) };
  const place = { epoch: state.nextEpoch, sequence: 0, server, layout, partitions: call.partitions };
  const begun: Meta = { ...place, ...succession, swept: null };
  return { ...state, meta: begun, feed: [], nextEpoch: state.nextEpoch + 1 };
}

/** The epochs before the one that begins now. The first one stays: it says which epochs follow one another. */
function pastOf(found: Meta | null): readonly Epoch[] {
  if (found === null) return [];
  const past = [...found.past, found.epoch];
  return past.length > mostPast ? past.toSpliced(1, 1) : past;
}

/** The version that the next change takes. */
export function nextVersion(log: Begun<Log>): Version {
  return { epoch: log.meta.epoch, sequence: log.meta.sequence + 1 };
}

/** The change takes the next version and is the newest entry of the feed, of which the newest `feedMax` stay. */
export function append<State extends Log>(state: Begun<State>, change: Change, feedMax: number): Begun<State> {
  const { sequence } = nextVersion(state);
  const { feed } = state;
  const kept = feed.length < feedMax ? feed : feed.slice(feed.length + 1 - feedMax);
  return { ...state, meta: { ...state.meta, sequence }, feed: [...kept, { sequence, change }] };
}

/** As `append`; and the node concerned holds that version, unless it was removed. */
export function announce(partition: Begun<Partition>, change: NodeChange, feedMax: number): Begun<Partition> {
  const next = keepLoss(append<Partition>(partition, change, feedMax), change, feedMax);
  const record = next.nodes.get(change.node);
  return record === undefined ? next : withNode(next, change.node, { ...record, version: versionOf(next.meta) });
}

/** For a reader that may come from another epoch. */
export function successionOf({ generation, past }: Meta): Succession {
  return { generation, past };
}

/** Jobs that lost their places are kept for those that do not follow the feed over the change, as many as changes are. */
function keepLoss(partition: Begun<Partition>, change: NodeChange, feedMax: number): Begun<Partition> {
  const jobs = "orphaned" in change ? change.orphaned : change.kind === "lapsed" ? change.jobs : [];
  if (jobs.length === 0) return partition;
  const { meta, orphans } = partition;
  const order = (orphans.at(-1)?.order ?? 0) + jobs.length;
  const because = change.kind as KeptLoss["because"];
  const loss = { order, version: versionOf(meta), node: change.node, because, jobs };
  return { ...partition, orphans: [...orphans.filter((one) => one.order > order - feedMax), loss] };
}

export type ChangesReply =
  | ({ readonly kind: "resync"; readonly version: Version } & Succession)
  | { readonly kind: "changes"; readonly version: Version; readonly entries: readonly FeedEntry[] };

/**
 * The changes after `since`, the oldest `limit` of them; `resync` where the first of them is not there any longer. That the others are follows from
 * how the feed is written and trimmed; where another program has removed one the answer has a gap, which the caller has to see.
 */
export function changesSince(log: Begun<Log>, since: Version, limit: number): ChangesReply {
  const version = versionOf(log.meta);
  const known = log.feed.findLastIndex((entry) => entry.sequence <= since.sequence);
  const missed = log.feed.slice(known + 1);
  const isThere = since.sequence === version.sequence || missed[0]?.sequence === since.sequence + 1;
  if (since.epoch !== version.epoch || !isThere) return { kind: "resync", version, ...successionOf(log.meta) };
  return { kind: "changes", version, entries: missed.slice(0, limit) };
}
