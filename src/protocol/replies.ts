/** The replies of the store to each of its operations, and the failures of calls. */
import type { StoredConfig } from "./configuration.ts";
import type { FeedEntry, KeptLoss } from "./feed.ts";
import type { NodeState } from "./node.ts";
import type { Millis } from "./time.ts";
import type { Succession, Version } from "./version.ts";

/**
 * Why a call has no answer, and whether it may have happened all the same.
 * `no`: it certainly did not run. `unknown`: it may have run, or may yet run; only an idempotent retry or a read can tell.
 */
export interface Failure {
  readonly kind: "failed";
  readonly applied: "no" | "unknown";
  readonly cause:
    | "deadline" // no answer in time
    | "disconnected" // no connection, or it broke under the call
    | "overloaded" // too many calls in flight already: not sent
    | "readonly" // a replica, or a primary that has been demoted
    | "loading"
    | "busy" // a script is running too long on the server
    | "out_of_memory"
    | "denied" // a missing ACL right
    | "wrong_type" // a key of ours holds something that is not ours
    | "moved" // the slot is elsewhere and could not be followed in time
    | "invalid" // the store refused an argument
    | "layout_mismatch" // the store has another number of partitions
    | "protocol" // an answer that we do not understand
    | "aborted" // the caller's signal
    | "closed"; // this instance has been closed
  readonly after: Millis;
  readonly message: string;
}

export type Answer<Reply> = Reply | Failure;

type At = { readonly version: Version };
/** The succession of the reply's epoch; absent: not known. */
type Placed = { readonly succession?: Succession };

export type RegisterReply =
  | (At & { readonly kind: "registered" | "already" | "superseded"; readonly incarnation: string })
  /** The node has another incarnation than the one that was to be replaced; null: there is no such node. */
  | (At & { readonly kind: "conflict"; readonly incarnation: string | null });
export type HeartbeatReply =
  | (At & { readonly kind: "renewed"; readonly unknown_jobs: readonly string[] })
  | (At & { readonly kind: "superseded"; readonly incarnation: string })
  | (At & { readonly kind: "already" | "stale" | "unknown_node" | "not_online" });
export type OfflineReply =
  | (At & { readonly kind: "offline"; readonly orphaned: readonly string[] })
  | (At & { readonly kind: "superseded"; readonly incarnation: string })
  | (At & { readonly kind: "already" | "unknown_node" });
export type ReserveReply =
  | (At & { readonly kind: "reserved" | "already" | "full" | "not_online" | "finished" })
  /** More jobs have finished on the node since this place was first asked for than it remembers: this one may be among them. */
  | (At & { readonly kind: "finished_unknown"; readonly finished: number });
export type FinishReply = At & { readonly kind: "completed" | "unknown" };
export interface FailedCandidate {
  readonly node: string;
  /** The key, and what the server said of it. */
  readonly message: string;
}

export type SweepReply = At & {
  readonly kind: "swept";
  readonly expired: readonly string[];
  readonly removed: readonly string[];
  readonly lapsed: readonly { readonly node: string; readonly jobs: readonly string[] }[];
  /** Candidates with a key that holds another type: they stay as they are. */
  readonly failed: readonly FailedCandidate[];
  /** After those that failed. */
  readonly due: readonly string[];
};
export type ChangesReply =
  | (At & { readonly kind: "changes"; readonly entries: readonly FeedEntry[] })
  | (At & Placed & { readonly kind: "resync" });
export type OrphansReply = At & { readonly kind: "orphans"; readonly losses: readonly KeptLoss[] };
export type AcknowledgedReply = At & { readonly kind: "acknowledged" };
/** A record that is not ours: another program has written it, or something of another type in its place. */
export interface UnreadableRecord {
  readonly node: string;
  readonly reason: string;
}

export type PageReply = At &
  Placed & {
    readonly kind: "page";
    /** In the order asked for, those that fit; null where there is no such node, or its record is unreadable. */
    readonly nodes: readonly (NodeState | null)[];
    /** Absent: all are readable. */
    readonly unreadable?: readonly UnreadableRecord[];
    /** Ids after the cursor, in byte order; empty at the end, and where some of the nodes did not fit. */
    readonly next: readonly string[];
  };

export type PutConfigReply = At & {
  readonly kind: "stored" | "already" | "conflict";
  /** The version of the stored configuration; null: there is none. */
  readonly config: Version | null;
};
export type ConfigReply =
  | (At & Placed & { readonly kind: "config"; readonly config: StoredConfig | null })
  /** The stored value is no configuration: another program has written it. */
  | (At & Placed & { readonly kind: "malformed"; readonly reason: string });
/** `changed`: there is news since, or the epoch is another one. */
export type ConfigCheckReply = At & { readonly kind: "unchanged" | "changed" };
