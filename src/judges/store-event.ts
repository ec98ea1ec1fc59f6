/** Observed actions of the store, in the form in which judges are given them. */
import type { Millis, Version } from "../check/history.ts";
import type { DumpedTimes, EntryRead } from "../check/observed/observation.ts";
import type { EpochLine, HeldNode, LineEntry, Places } from "./truth.ts";

/** A server goes on in an epoch: it has begun, or is there again after another one. */
export interface EpochStarted {
  readonly kind: "epoch";
  readonly at: Millis;
  readonly line: EpochLine;
  /** The sequence from which on it is observed; absent: from its beginning. */
  readonly from?: number;
}

/** A partition has been found in which an epoch had begun, and without one: its data are lost or another server has them, and no instance has asked for it since. */
export interface EpochEnded {
  readonly kind: "epoch_ended";
  readonly at: Millis;
  readonly partition: number;
}

/** The store has made a change. */
export interface Changed {
  readonly kind: "change";
  readonly at: Millis;
  readonly line: EpochLine;
  readonly entry: LineEntry;
  /** It had not been made by then, as an earlier look shows. Absent: it was made at `at`, as far as is known. */
  readonly after?: Millis | undefined;
  /** Absent: the server's clock was not observed. */
  readonly read?: EntryRead | undefined;
}

/** A partition as one atomic look found it, or as a step left it. */
export interface Reached {
  readonly kind: "reached";
  readonly at: Millis;
  readonly line: EpochLine;
  /** Where its metadata say that it is. */
  readonly sequence: number;
}

/** A node as an atomic look found it, or as a step that was about it left it. */
export interface NodeSeen {
  readonly kind: "node";
  readonly at: Millis;
  /** When the look began: it misses nothing that was there before. */
  readonly since: Millis;
  readonly partition: number;
  /** The epoch; before it has begun the one that is to begin with it. null: none has begun, or was seen to. */
  readonly line: EpochLine | null;
  /** The version of the partition then. */
  readonly sequence: number;
  readonly node: string;
  readonly record: HeldNode | null;
  readonly places: Places;
  /** The sequence of the last heartbeat of its incarnation; -1 before the first. */
  readonly heartbeatSeq: number;
  /** As that heartbeat left them, by name; null before the first. Absent: they were not looked at. */
  readonly metrics?: Readonly<Record<string, number>> | null | undefined;
  /** Its deadlines, and the server's clock. Absent: they were not looked at. */
  readonly times?: (DumpedTimes & { readonly server_ms: number }) | undefined;
  /** The heartbeat that the step was about, whatever became of it; absent: it was about something else, or only looked. */
  readonly heartbeat?: { readonly incarnation: string; readonly seq: number } | undefined;
}

/** All of a partition, as one atomic look found it. */
export interface PartitionSeen {
  readonly kind: "partition";
  readonly at: Millis;
  readonly line: EpochLine;
  readonly sequence: number;
  readonly nodes: ReadonlyMap<string, { readonly record: HeldNode; readonly places: Places }>;
  /** Only these nodes were looked at; absent: all of them. */
  readonly only?: readonly string[];
  /** Members of the index of nodes that have no record; absent: they were not looked for. */
  readonly dangling?: readonly string[];
  /** How long each place is still kept, by the server's clock; below 0: its lease is over. Absent: it was not looked at. */
  readonly leases?: readonly { readonly node: string; readonly job: string; readonly left: Millis }[];
}

/** The store has answered what has changed since a version. */
export interface FeedRead {
  readonly kind: "feed_read";
  readonly at: Millis;
  readonly instance: number;
  /** That of the server, with all that it has by then. */
  readonly line: EpochLine;
  readonly since: Version;
  /** At most so many changes were asked for. */
  readonly limit: number;
  /** null: it refused to go on from there. `isAsMade`: the entry tells of the change as it was made. */
  readonly entries: readonly { readonly sequence: number; readonly isAsMade: boolean }[] | null;
}
