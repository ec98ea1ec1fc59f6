/** The requests to the store: those that register a node and keep it, and those of a follower. */
import type { KeptLoss } from "./feed.ts";
import type { Membership, Metrics } from "./node.ts";
import type { Millis } from "./time.ts";
import type { Version } from "./version.ts";

export interface Registration extends Membership {
  readonly partition: number;
  readonly node: string;
  /** Unique to this registration, the same on each retry of it. */
  readonly registration: string;
  /** The incarnation that it replaces; null: there is no such node. */
  readonly expected: string | null;
  readonly max_jobs: number;
  readonly ttl: Millis;
  readonly services: readonly string[];
}

export interface Reservation {
  readonly partition: number;
  readonly node: string;
  readonly job: string;
  readonly lease: Millis;
  /** Jobs finished on the node, as known when this place was first asked for; the same on each retry. */
  readonly seen: number;
}

export interface Heartbeat {
  readonly partition: number;
  readonly node: string;
  readonly incarnation: string;
  readonly seq: number;
  /** From 0: which part of the running jobs it names, where they are too many for one call. */
  readonly chunk: number;
  readonly ttl: Millis;
  readonly lease: Millis;
  readonly health_milli: number;
  readonly metrics: Metrics;
  readonly running: readonly string[];
}

interface Sized {
  /** The element with which the reply takes so many bytes is the last; absent: the most that the protocol allows. */
  readonly maxBytes?: number;
}

export interface ChangesRequest<Partition = number> extends Sized {
  readonly partition: Partition;
  readonly since: Version;
  /** 0: the version check. */
  readonly limit: number;
}

export interface PageRequest extends Sized {
  readonly partition: number;
  /** The nodes whose records are asked for. */
  readonly nodes: readonly string[];
  /** Ids that follow this one are given, at most `limit`; none where records are left out. */
  readonly after: string;
  readonly limit: number;
}

export interface OrphansRequest {
  readonly partition: number;
  /** The order of the last loss that is known; 0: from the start. */
  readonly after: number;
  readonly limit: number;
}

export interface Acknowledgement {
  readonly partition: number;
  readonly losses: readonly Pick<KeptLoss, "order" | "version">[];
}
