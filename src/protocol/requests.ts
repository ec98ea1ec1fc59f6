/** What a node asks the store for: to be registered, and to be kept. */
import type { Membership, Metrics } from "./node.ts";
import type { Millis } from "./time.ts";

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
