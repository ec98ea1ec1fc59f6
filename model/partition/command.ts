/** The vocabulary of the model: the commands of a partition's clients, the replies, and the changes that followers get. */

/** Milliseconds since 1970, an integer. */
export type Instant = number;
export type Millis = number;
/** In the model epochs are numbered in the order in which they begin; a real store gives each a unique id. */
export type Epoch = number;

export interface Version {
  readonly epoch: Epoch;
  readonly sequence: number;
}

/** An epoch's place among those that follow one another, each of which began with what the one before had left. */
export interface Succession {
  /** From 1. */
  readonly generation: number;
  /** The epochs before it, oldest first; of many the first one and the latest. */
  readonly past: readonly Epoch[];
}

export interface LanguagePair {
  readonly source: string;
  readonly target: string;
}

/** null: not known. Any number may come in here, NaN included: `step` refuses what the protocol does not allow. */
type Metric = number | null;

export interface Metrics {
  readonly cpu: Metric;
  readonly gpu: Metric;
  readonly memory: Metric;
  readonly load: Metric;
  readonly latency_ms: Metric;
  readonly error_rate: Metric;
}

/** The arguments of every call. `partitions` is how many partitions there are, as the caller believes. */
export interface Call {
  readonly at: Instant;
  readonly partitions: number;
  readonly feedMax: number;
}

/** A text has no length in bytes here, so the model cuts no reply: the caller that compares, or answers by the model, does. */
interface Sized {
  readonly maxBytes?: number;
}

type ChangesSince = { readonly kind: "changes_since"; readonly since: Version; readonly limit: number } & Sized;

export type Command = Call &
  (
    | {
        readonly kind: "register_node";
        readonly node: string;
        readonly registration: string;
        /** The incarnation that the caller replaces; null: there is no such node. */
        readonly expected: Version | null;
        readonly maxJobs: number;
        readonly ttl: Millis;
        readonly pools: readonly string[];
        readonly languages: readonly LanguagePair[];
        readonly services: readonly string[];
      }
    | {
        readonly kind: "heartbeat";
        readonly node: string;
        readonly incarnation: Version;
        readonly seq: number;
        /** The place among the parts of a list of running jobs that one heartbeat cannot hold, from 0. */
        readonly chunk: number;
        readonly ttl: Millis;
        readonly lease: Millis;
        readonly healthMilli: number;
        readonly metrics: Metrics;
        readonly running: readonly string[];
      }
    | {
        readonly kind: "offline_node";
        readonly node: string;
        readonly incarnation: Version;
        readonly retention: Millis;
      }
    | {
        readonly kind: "reserve_job";
        readonly node: string;
        readonly job: string;
        readonly lease: Millis;
        /** Jobs finished on the node, as its caller knew it when it first asked for this place. */
        readonly seen: number;
      }
    | {
        readonly kind: "complete_job";
        readonly node: string;
        readonly job: string;
        readonly doneFor: Millis;
        readonly doneMax: number;
      }
    | { readonly kind: "release_job"; readonly node: string; readonly job: string }
    | {
        readonly kind: "sweep";
        readonly retention: Millis;
        /** Candidates, and nodes that are named as due. */
        readonly limit: number;
        /** Jobs that lose their places. */
        readonly jobLimit: number;
        /** Sweeps that are further apart show that the store was away; then nothing is due for `grace`. */
        readonly gap: Millis;
        readonly grace: Millis;
        /** So many of the entries that are due are passed over. */
        readonly offset: number;
        readonly candidates: readonly string[];
      }
    | ChangesSince
    | { readonly kind: "read_orphans"; readonly after: number; readonly limit: number }
    | { readonly kind: "ack_orphans"; readonly losses: readonly Pick<KeptLoss, "order" | "version">[] }
    | ({
        readonly kind: "snapshot";
        readonly records: readonly string[];
        readonly after: string;
        readonly limit: number;
      } & Sized)
  );

/** A change by which jobs lost their places, kept until an instance has called back for it. */
export interface KeptLoss {
  readonly order: number;
  readonly version: Version;
  readonly node: string;
  readonly because: "registered" | "offline" | "expired" | "lapsed";
  readonly jobs: readonly string[];
}

export type CommandOf<Kind extends Command["kind"]> = Extract<Command, { readonly kind: Kind }>;

export interface PoolConfig {
  readonly id: string;
  readonly name: string;
  readonly required_services: readonly string[];
  readonly language_pairs: readonly LanguagePair[];
}

export interface ConfigContent {
  readonly enabled: boolean;
  readonly poolCount: number;
  readonly hashSeed: number;
  readonly fallbackScanAllPools: boolean;
  readonly pools: readonly PoolConfig[];
}

/** The commands of the configuration, which is a partition of its own with one record. */
export type ConfigCommand = Call &
  (
    | { readonly kind: "put_config"; readonly expected: Version | null; readonly content: ConfigContent }
    | ChangesSince
    | { readonly kind: "read_config" } // a snapshot of one record
  );

export type Status = "online" | "offline" | "expired";

/** One node as the store holds it. */
export interface NodeRecord {
  readonly status: Status;
  readonly incarnation: Version;
  readonly version: Version;
  readonly registration: string;
  readonly heartbeatSeq: number;
  readonly heartbeatChunk: number;
  readonly maxJobs: number;
  readonly currentJobs: number;
  /** Jobs that were ever completed on it. */
  readonly finished: number;
  readonly metrics: Metrics | null;
  readonly healthMilli: number;
  readonly services: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly pools: readonly string[];
  readonly expiresAt: Instant;
}

/** One entry of the feed, without its sequence. */
export type Change =
  | {
      readonly kind: "registered";
      readonly node: string;
      readonly incarnation: Version;
      readonly finished: number;
      readonly maxJobs: number;
      readonly pools: readonly string[];
      readonly languages: readonly LanguagePair[];
      readonly services: readonly string[];
      readonly healthMilli: number;
      readonly orphaned: readonly string[];
    }
  | { readonly kind: "health"; readonly node: string; readonly healthMilli: number }
  | { readonly kind: "offline" | "expired"; readonly node: string; readonly orphaned: readonly string[] }
  | {
      readonly kind: "reserved";
      readonly node: string;
      readonly job: string;
      readonly currentJobs: number;
      readonly leaseUntil: Instant;
    }
  | {
      readonly kind: "completed";
      readonly node: string;
      readonly job: string;
      readonly currentJobs: number;
      readonly finished: number;
    }
  | { readonly kind: "released"; readonly node: string; readonly job: string; readonly currentJobs: number }
  | { readonly kind: "lapsed"; readonly node: string; readonly jobs: readonly string[]; readonly currentJobs: number }
  | { readonly kind: "removed"; readonly node: string }
  | { readonly kind: "config"; readonly version: Version; readonly content: ConfigContent };

/** A change of one node, as opposed to one of the configuration. */
export type NodeChange = Exclude<Change, { readonly kind: "config" }>;

export interface FeedEntry {
  readonly sequence: number;
  readonly change: Change;
}

/** The reply to a client. `version` is the partition's after the call. */
export type Reply =
  | { readonly kind: "invalid"; readonly argument: string } // refused before anything was read
  | {
      readonly kind: "layout_mismatch";
      readonly version: Version;
      readonly layout: number;
      readonly partitions: number;
    }
  | { readonly kind: "registered"; readonly version: Version; readonly incarnation: Version }
  | { readonly kind: "superseded"; readonly version: Version; readonly incarnation: Version }
  /** The node has another incarnation than the caller expected; null: there is no such node. */
  | { readonly kind: "conflict"; readonly version: Version; readonly incarnation: Version | null }
  /** `incarnation` only in answer to register_node. */
  | { readonly kind: "already"; readonly version: Version; readonly incarnation?: Version }
  | { readonly kind: "renewed"; readonly version: Version; readonly unknownJobs: readonly string[] }
  | { readonly kind: "offline"; readonly version: Version; readonly orphaned: readonly string[] }
  | { readonly kind: "finished_unknown"; readonly version: Version; readonly finished: number }
  | {
      readonly kind:
        | "unknown_node"
        | "not_online"
        | "stale"
        | "reserved"
        | "full"
        | "finished"
        | "completed"
        | "unknown";
      readonly version: Version;
    }
  | {
      readonly kind: "swept";
      readonly version: Version;
      readonly expired: readonly string[];
      readonly removed: readonly string[];
      readonly lapsed: readonly { readonly node: string; readonly jobs: readonly string[] }[];
      /** With the key that holds another type than ours, by the name that follows the hash tag. */
      readonly failed: readonly { readonly node: string; readonly key: string }[];
      readonly due: readonly string[];
    }
  | ({ readonly kind: "resync"; readonly version: Version } & Succession)
  | { readonly kind: "changes"; readonly version: Version; readonly entries: readonly FeedEntry[] }
  | { readonly kind: "orphans"; readonly version: Version; readonly losses: readonly KeptLoss[] }
  | { readonly kind: "acknowledged"; readonly version: Version }
  | ({
      readonly kind: "page";
      readonly version: Version;
      /** null: there is no such node; `wrong_type`: its key holds another type than ours. */
      readonly records: readonly (NodeRecord | "wrong_type" | null)[];
      readonly next: readonly string[];
    } & Succession);

export interface StoredConfig {
  readonly version: Version;
  readonly content: ConfigContent;
}

export type ConfigReply =
  | { readonly kind: "invalid"; readonly argument: string }
  | {
      readonly kind: "layout_mismatch";
      readonly version: Version;
      readonly layout: number;
      readonly partitions: number;
    }
  | {
      readonly kind: "stored" | "already" | "conflict";
      readonly version: Version;
      /** null: there is no configuration yet. */
      readonly config: Version | null;
    }
  | ({
      readonly kind: "config";
      readonly version: Version;
      readonly config: StoredConfig | "wrong_type" | null;
    } & Succession)
  | ({ readonly kind: "resync"; readonly version: Version } & Succession)
  | { readonly kind: "changes"; readonly version: Version; readonly entries: readonly FeedEntry[] };
