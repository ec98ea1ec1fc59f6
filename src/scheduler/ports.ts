/**
 * The world as the scheduler sees it. Production, the simulator and the tests hand in their own; the scheduler imports none of them.
 *
 * Words are those of docs/protocol.md. A port never throws for what the world does: it answers with a `Failure`.
 */
import type { ConfigContent } from "../protocol/configuration.ts";
import type { MetricName, Metrics } from "../protocol/node.ts";
import type {
  AcknowledgedReply,
  Answer,
  ChangesReply,
  ConfigCheckReply,
  ConfigReply,
  Failure,
  FinishReply,
  HeartbeatReply,
  OfflineReply,
  OrphansReply,
  PageReply,
  PutConfigReply,
  RegisterReply,
  ReserveReply,
  SweepReply,
} from "../protocol/replies.ts";
import type {
  Acknowledgement,
  ChangesRequest,
  Heartbeat,
  OrphansRequest,
  PageRequest,
  Registration,
  Reservation,
} from "../protocol/requests.ts";
import type { Instant, Millis } from "../protocol/time.ts";
import type { PartitionTag, Version } from "../protocol/version.ts";

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

export const unknownMetrics: Metrics = {
  cpu: null,
  gpu: null,
  memory: null,
  load: null,
  latency_ms: null,
  error_rate: null,
};

export const metricNames = Object.keys(unknownMetrics) as readonly MetricName[];

export function isFailure<Reply extends { readonly kind: string }>(answer: Answer<Reply>): answer is Failure {
  return answer.kind === "failed";
}

/** The atomic operations of docs/protocol.md. `deadline` is how long the caller waits, from now; the answer comes within it. */
export interface Store {
  registerNode(request: Registration, deadline: Millis): Promise<Answer<RegisterReply>>;
  heartbeat(request: Heartbeat, deadline: Millis): Promise<Answer<HeartbeatReply>>;
  offlineNode(
    request: { partition: number; node: string; incarnation: string; retention: Millis },
    deadline: Millis,
  ): Promise<Answer<OfflineReply>>;
  reserveJob(request: Reservation, deadline: Millis): Promise<Answer<ReserveReply>>;
  completeJob(
    request: { partition: number; node: string; job: string; doneFor: Millis; doneMax: number },
    deadline: Millis,
  ): Promise<Answer<FinishReply>>;
  releaseJob(request: { partition: number; node: string; job: string }, deadline: Millis): Promise<Answer<FinishReply>>;
  sweep(
    request: {
      partition: number;
      retention: Millis;
      /** Candidates, and nodes that are named as due. */
      limit: number;
      /** Jobs that lose their places. */
      jobLimit: number;
      /** Sweeps that are further apart show that the store was away; then nothing is due for `grace`. */
      gap: Millis;
      grace: Millis;
      /** So many of the entries that are due are passed over. */
      offset: number;
      candidates: readonly string[];
    },
    deadline: Millis,
  ): Promise<Answer<SweepReply>>;
  changesSince(request: ChangesRequest, deadline: Millis): Promise<Answer<ChangesReply>>;
  /** Losses of jobs that no instance has acknowledged. */
  readOrphans(request: OrphansRequest, deadline: Millis): Promise<Answer<OrphansReply>>;
  ackOrphans(request: Acknowledgement, deadline: Millis): Promise<Answer<AcknowledgedReply>>;
  snapshot(request: PageRequest, deadline: Millis): Promise<Answer<PageReply>>;
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
