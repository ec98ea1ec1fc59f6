/** The events of an instance, for its observers: judges, metrics and logs. No event influences the scheduler. */

import type { MetricName, NodeStatus } from "../protocol/node.ts";
import type { FailedCandidate, Failure } from "../protocol/replies.ts";
import type { Instant, Millis } from "../protocol/time.ts";
import type { PartitionTag, Version } from "../protocol/version.ts";
import type { Mode, ModeCause } from "./mode/mode.ts";

export type Source = "l1" | "l2" | "redis" | "miss" | "none";

export type Operation =
  | "register_node"
  | "heartbeat"
  | "offline_node"
  | "reserve_job"
  | "complete_job"
  | "release_job"
  | "sweep"
  | "changes_since"
  | "version_check"
  | "snapshot"
  | "read_orphans"
  | "ack_orphans"
  | "put_config"
  | "read_config"
  | "check_config";

export type ResyncReason = "cold_start" | "epoch" | "trimmed" | "contradiction";

/** How far a cold start has come. The configuration counts as one more partition. */
export interface Progress {
  readonly partitions: { readonly loaded: number; readonly of: number };
  /** Read so far, pages and nodes in them; what had to be read again counts again. */
  readonly pages: number;
  readonly nodes: number;
}

export interface Orphans {
  readonly partition: number;
  readonly node: string;
  readonly jobs: readonly string[];
  readonly because: "registered" | "offline" | "expired" | "lapsed";
  /** The version of the change. No other loss has it, in whatever epoch, so a program can recognise one that another instance has reported. */
  readonly lostAt: Version;
}

export type EventPayload =
  | { readonly kind: "ready" }
  /** Emitted for each page and each partition that a cold start has loaded. */
  | ({ readonly kind: "loading" } & Progress)
  | { readonly kind: "closed" }
  /** Something of ours is wrong; the scheduler has stopped, and every call rejects with this. */
  | { readonly kind: "fault"; readonly task: string; readonly error: unknown }
  | { readonly kind: "mode_changed"; readonly from: Mode; readonly to: Mode; readonly cause: ModeCause | "resynced" }
  | {
      readonly kind: "store_call";
      readonly operation: Operation;
      readonly partition: PartitionTag;
      readonly took: Millis;
      readonly outcome: "answered" | Failure["cause"];
    }
  /** A call that was not sent: too many of clients in flight, degraded, aborted before, or closed. */
  | {
      readonly kind: "call_refused";
      readonly operation: Operation;
      readonly partition: PartitionTag;
      readonly cause: Failure["cause"];
    }
  /** An answer that came after we had stopped waiting for it; it was dropped. */
  | {
      readonly kind: "late_reply";
      readonly operation: Operation;
      readonly partition: PartitionTag;
      readonly after: Millis;
    }
  /** An answer in an abandoned epoch; nothing was taken from it. */
  | {
      readonly kind: "dropped_reply";
      readonly operation: Operation;
      readonly partition: PartitionTag;
      readonly version: Version;
    }
  | { readonly kind: "epoch_left"; readonly partition: PartitionTag; readonly epoch: string; readonly sequence: number }
  | {
      readonly kind: "epoch_adopted";
      readonly partition: PartitionTag;
      readonly epoch: string;
      readonly sequence: number;
    }
  /** Changes `after`..`to` (`after` excluded) had not been announced one by one: a wake-up skipped some (`wake`), or none came (`poll`). */
  | {
      readonly kind: "gap_found";
      readonly partition: number;
      readonly after: number;
      readonly to: number;
      readonly by: "wake" | "poll";
    }
  | { readonly kind: "resync_started"; readonly partition: number; readonly reason: ResyncReason }
  | {
      readonly kind: "resynced";
      readonly partition: number;
      readonly version: Version;
      readonly nodes: number;
      readonly pages: number;
      readonly took: Millis;
    }
  | { readonly kind: "view_advanced"; readonly partition: number; readonly version: Version; readonly entries: number }
  /** The store contradicts the view: another program writes its keys, or one of the two is wrong. */
  | { readonly kind: "contradiction"; readonly partition: number; readonly node: string; readonly version: Version }
  | {
      readonly kind: "store_behind";
      readonly partition: PartitionTag;
      readonly held: Version;
      readonly reported: Version;
    }
  | {
      readonly kind: "answered";
      readonly node: string;
      readonly found: boolean;
      readonly status: NodeStatus | null;
      readonly version: Version | null;
      readonly source: Source;
      readonly age_ms: Millis;
      readonly stale: boolean;
      readonly mode: Mode;
      readonly took: Millis;
    }
  | {
      readonly kind: "selected";
      /** The pools that were searched, in order; empty: all nodes that serve the pair were. */
      readonly pools: readonly string[];
      readonly nodes: readonly string[];
      readonly mode: Mode;
      readonly stale: boolean;
      readonly took: Millis;
    }
  /** A request that joined one in flight instead of going to the store. */
  | { readonly kind: "coalesced"; readonly operation: Operation; readonly partition: PartitionTag }
  | { readonly kind: "miss_absorbed"; readonly node: string }
  /** A heartbeat reported what no metric can be; it was sent without that metric. */
  | { readonly kind: "impossible_metric"; readonly node: string; readonly metric: MetricName; readonly found: string }
  | ({ readonly kind: "jobs_orphaned" } & Orphans)
  /** The configuration is another one now; null: there is none. */
  | { readonly kind: "config_changed"; readonly version: Version | null; readonly enabled: boolean }
  /** The stored value is no configuration, since another program has written it: the former one stays in force. */
  | { readonly kind: "config_malformed"; readonly reason: string }
  /** A record of a page is another program's: its node is answered as one that is not there. */
  | { readonly kind: "record_unreadable"; readonly node: string; readonly reason: string }
  | {
      readonly kind: "swept";
      readonly partition: number;
      readonly expired: readonly string[];
      readonly removed: readonly string[];
      readonly lapsed: readonly string[];
      /** A key of theirs holds another type: they stay due. */
      readonly failed: readonly FailedCandidate[];
    }
  /** A reserve that may have happened was asked for again on the same node. */
  | { readonly kind: "ambiguity_resolved"; readonly job: string; readonly node: string; readonly outcome: string }
  | { readonly kind: "feed_connected" }
  | { readonly kind: "feed_disconnected"; readonly reason: string };

/** `at`: this instance's own clock. */
export type SchedulerEvent = EventPayload & { readonly at: Instant };

export type Emit = (payload: EventPayload) => void;
