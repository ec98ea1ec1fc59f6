/** What a history says of modes, and of the servers that have one each. */
import type { Millis } from "../protocol/time.ts";
import type { PartitionTag } from "../protocol/version.ts";

export interface ModeChange {
  readonly kind: "mode";
  readonly at: Millis;
  /** Seen from outside, it changed at some moment from then to `at`; absent: at `at`. */
  readonly since?: Millis;
  readonly instance: number;
  /** What it is the mode of; absent: everything. */
  readonly partitions?: readonly PartitionTag[];
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

/** What is on each server, where several share the partitions for the whole run. Absent: one server has everything, or partitions move. */
export interface ShardsKnown {
  readonly kind: "shards";
  readonly at: Millis;
  readonly shards: readonly (readonly PartitionTag[])[];
}
