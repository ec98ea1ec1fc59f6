/**
 * The world as the scheduler sees it. Production, the simulator and the tests hand in their own; the scheduler imports none of them.
 *
 * Words are those of docs/protocol.md. A port never throws for what the world does: it answers with a `Failure`.
 */

/** Milliseconds since 1970 where it is an instant of the store; the origin of an instance's own clock is its own business. */
export type Instant = number;
export type Millis = number;

export interface Clock {
  /** Monotone, milliseconds, fractions allowed. Never compared with another machine's, nor with the store's. */
  now(): Instant;
  /** Resolves after `duration`, or at once when `signal` aborts; never rejects. */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
}

/** One stream per concern, split from the run's seed. */
export interface Random {
  nextUint32(): number;
}

export interface Version {
  readonly epoch: string;
  readonly sequence: number;
}

export interface LanguagePair {
  readonly source: string;
  readonly target: string;
}

export interface Membership {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
}

export const metricNames = ["cpu", "gpu", "memory", "load", "latency_ms", "error_rate"] as const;

export type MetricName = (typeof metricNames)[number];

/** null: not known. */
export type Metrics = Readonly<Record<MetricName, number | null>>;

export const unknownMetrics: Metrics = {
  cpu: null,
  gpu: null,
  memory: null,
  load: null,
  latency_ms: null,
  error_rate: null,
};

export type NodeStatus = "online" | "offline" | "expired";

/** A partition of nodes by its number, or the configuration, which is followed like one. */
export type PartitionTag = number | "cfg";

export interface PoolConfig {
  readonly id: string;
  readonly name: string;
  /** The services of every node of the pool: a request fits when it needs no other. */
  readonly required_services: readonly string[];
  /** Empty: any. */
  readonly language_pairs: readonly LanguagePair[];
}

/** Phase3Config, the two-level pool configuration; lists in it are sorted and without duplicates. */
export interface ConfigContent {
  readonly enabled: boolean;
  /** The length of `pools`. */
  readonly pool_count: number;
  /** 0..4294967295. */
  readonly hash_seed: number;
  readonly fallback_scan_all_pools: boolean;
  readonly pools: readonly PoolConfig[];
}

export interface StoredConfig extends ConfigContent {
  /** At which it was put; may be of an earlier epoch than the configuration's own. */
  readonly version: Version;
}

/** The material content of a node: views hold it and selection uses it (docs/protocol.md, section 6). */
export interface NodeState extends Membership {
  readonly node: string;
  readonly status: NodeStatus;
  readonly incarnation: string;
  /** When its material content last changed. May be of an earlier epoch than the partition's. */
  readonly version: Version;
  readonly max_jobs: number;
  readonly current_jobs: number;
  /** 0..1000, thousandths of the score. */
  readonly health_milli: number;
  readonly services: readonly string[];
}

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

export function isFailure<Reply extends { readonly kind: string }>(answer: Answer<Reply>): answer is Failure {
  return answer.kind === "failed";
}

export interface Registration extends Membership {
  readonly partition: number;
  readonly node: string;
  /** Unique to this registration, the same on each retry of it. */
  readonly registration: string;
  readonly max_jobs: number;
  readonly ttl: Millis;
  readonly services: readonly string[];
  readonly leave: Membership;
}

export interface Heartbeat {
  readonly partition: number;
  readonly node: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly ttl: Millis;
  readonly lease: Millis;
  readonly health_milli: number;
  readonly metrics: Metrics;
  readonly running: readonly string[];
}

export interface Sweepable extends Membership {
  readonly node: string;
}

export type FeedChange =
  | {
      readonly kind: "registered";
      readonly node: string;
      readonly incarnation: string;
      readonly max_jobs: number;
      readonly pools: readonly string[];
      readonly languages: readonly LanguagePair[];
      readonly services: readonly string[];
      readonly health_milli: number;
      readonly orphaned: readonly string[];
    }
  | { readonly kind: "health"; readonly node: string; readonly health_milli: number }
  | { readonly kind: "offline" | "expired"; readonly node: string; readonly orphaned: readonly string[] }
  | {
      readonly kind: "reserved";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
      readonly lease_until_ms: Instant;
    }
  | {
      readonly kind: "completed" | "released";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
    }
  | { readonly kind: "lapsed"; readonly node: string; readonly jobs: readonly string[]; readonly current_jobs: number }
  | { readonly kind: "removed"; readonly node: string };

export interface FeedEntry {
  readonly sequence: number;
  readonly change: FeedChange;
}

type At = { readonly version: Version };

export type KeysNeeded = At & Membership & { readonly kind: "keys_needed" };
export type RegisterReply =
  | (At & { readonly kind: "registered" | "already" | "superseded"; readonly incarnation: string })
  | KeysNeeded;
export type HeartbeatReply =
  | (At & { readonly kind: "renewed"; readonly unknown_jobs: readonly string[] })
  | (At & { readonly kind: "superseded"; readonly incarnation: string })
  | (At & { readonly kind: "already" | "stale" | "unknown_node" | "not_online" });
export type OfflineReply =
  | (At & { readonly kind: "offline"; readonly orphaned: readonly string[] })
  | (At & { readonly kind: "superseded"; readonly incarnation: string })
  | (At & { readonly kind: "already" | "unknown_node" })
  | KeysNeeded;
export type ReserveReply = At & { readonly kind: "reserved" | "already" | "full" | "not_online" | "finished" };
export type FinishReply = At & { readonly kind: "completed" | "unknown" };
export type SweepReply = At & {
  readonly kind: "swept";
  readonly expired: readonly string[];
  readonly removed: readonly string[];
  readonly lapsed: readonly { readonly node: string; readonly jobs: readonly string[] }[];
  readonly unready: readonly Sweepable[];
  readonly due: readonly string[];
};
export type ChangesReply =
  | (At & { readonly kind: "changes"; readonly entries: readonly FeedEntry[] })
  | (At & { readonly kind: "resync" });
export type PageReply = At & {
  readonly kind: "page";
  /** In the order asked for; null where there is no such node. */
  readonly nodes: readonly (NodeState | null)[];
  /** Ids after the cursor, in byte order; empty at the end. */
  readonly next: readonly string[];
};

export type PutConfigReply = At & {
  readonly kind: "stored" | "already" | "conflict";
  /** The version of the stored configuration; null: there is none. */
  readonly config: Version | null;
};
export type ConfigReply = At & { readonly kind: "config"; readonly config: StoredConfig | null };
/** `changed`: there is news since, or the epoch is another one. */
export type ConfigCheckReply = At & { readonly kind: "unchanged" | "changed" };

/** The atomic operations of docs/protocol.md. `deadline` is how long the caller waits, from now; the answer comes within it. */
export interface Store {
  registerNode(request: Registration, deadline: Millis): Promise<Answer<RegisterReply>>;
  heartbeat(request: Heartbeat, deadline: Millis): Promise<Answer<HeartbeatReply>>;
  offlineNode(
    request: { partition: number; node: string; incarnation: string; retention: Millis; declared: Membership },
    deadline: Millis,
  ): Promise<Answer<OfflineReply>>;
  reserveJob(
    request: { partition: number; node: string; job: string; lease: Millis },
    deadline: Millis,
  ): Promise<Answer<ReserveReply>>;
  completeJob(
    request: { partition: number; node: string; job: string; doneFor: Millis; doneMax: number },
    deadline: Millis,
  ): Promise<Answer<FinishReply>>;
  releaseJob(request: { partition: number; node: string; job: string }, deadline: Millis): Promise<Answer<FinishReply>>;
  sweep(
    request: {
      partition: number;
      retention: Millis;
      limit: number;
      /** Sweeps that are further apart show that the store was away; then nothing is due for `grace`. */
      gap: Millis;
      grace: Millis;
      candidates: readonly Sweepable[];
    },
    deadline: Millis,
  ): Promise<Answer<SweepReply>>;
  /** With limit 0: the version check. */
  changesSince(
    request: { partition: number; since: Version; limit: number },
    deadline: Millis,
  ): Promise<Answer<ChangesReply>>;
  snapshot(
    request: { partition: number; nodes: readonly string[]; after: string; limit: number },
    deadline: Millis,
  ): Promise<Answer<PageReply>>;
  /** Compare-and-set: stored only if what is stored now was put at `expected` (null: nothing is). */
  putConfig(
    request: { expected: Version | null; content: ConfigContent },
    deadline: Millis,
  ): Promise<Answer<PutConfigReply>>;
  readConfig(deadline: Millis): Promise<Answer<ConfigReply>>;
  /** The version check of the configuration. */
  checkConfig(since: Version, deadline: Millis): Promise<Answer<ConfigCheckReply>>;
  close(): Promise<void>;
}

export interface FeedListener {
  /** A wake-up: the partition is at `version`, or further. May be lost, repeated, late. */
  woken(partition: PartitionTag, version: Version): void;
  /** The subscription stands (again); whatever was published before may have been missed. */
  connected(): void;
  disconnected(reason: string): void;
}

/** The wake-ups of all partitions and of the configuration, over one connection. */
export interface Feed {
  /** Subscribes once; reconnects by itself until closed. */
  start(listener: FeedListener): void;
  close(): Promise<void>;
}

export interface Ports {
  readonly clock: Clock;
  readonly store: Store;
  readonly feed: Feed;
  /** A stream of random numbers for one concern, by name; the same name always gives the same stream. */
  readonly random: (concern: string) => Random;
}
