/** The claims of the bench: a row each, with the figure that decides it. Only this file has thresholds. */
import type { PropertyId } from "../check/properties.ts";

export type Unit = "us" | "ms" | "per_s" | "mb" | "ratio" | "requests";
export type PeerName = "redis-limit" | "bullmq";
export type BenchProfile = "quick" | "full";

export interface Claim {
  readonly id: string;
  readonly what: string;
  /** In words, the unit last: `heartbeat_ms_p99`. */
  readonly figure: string;
  readonly unit: Unit;
  readonly threshold: number;
  readonly direction: "at_most" | "at_least";
  /** The threshold itself does not meet it. */
  readonly isStrict?: true;
  /** Which property of the registry it settles. */
  readonly property?: PropertyId;
  /** The program it is compared with, in interleaved rounds; the figure is then ours divided by the peer's. */
  readonly peer?: PeerName;
  /** Measures a burst of what is sent; a pause of the machine makes one too. */
  readonly isBurst?: true;
  /** Measured in `full` only: it takes long, or needs a peer. */
  readonly fullOnly?: true;
}

export const claims = {
  select: {
    id: "select",
    what: "selectNodes over 10,000 nodes, 100 pools, 50 language pairs",
    figure: "select_us_p99",
    unit: "us",
    threshold: 100,
    direction: "at_most",
    fullOnly: true,
  },
  select_many: {
    id: "select_many",
    what: "the same over 100,000 nodes: at most twice the 100 us",
    figure: "select_many_us_p99",
    unit: "us",
    threshold: 200,
    direction: "at_most",
    fullOnly: true,
  },
  selection: {
    id: "selection",
    what: "selectNodes while changes arrive, from the call's intended time",
    figure: "selection_ms_p99",
    unit: "ms",
    threshold: 50,
    direction: "at_most",
    isStrict: true,
    property: "B2",
  },
  get_node: {
    id: "get_node",
    what: "getNode answered from L1, one after another",
    figure: "get_node_l1_per_s",
    unit: "per_s",
    threshold: 1_000_000,
    direction: "at_least",
    fullOnly: true,
  },
  heartbeat: {
    id: "heartbeat",
    what: "heartbeats of 50 nodes, one at a time per node",
    figure: "heartbeat_ms_p99",
    unit: "ms",
    threshold: 5,
    direction: "at_most",
    isStrict: true,
    property: "B1",
  },
  heartbeat_rate: {
    id: "heartbeat_rate",
    what: "heartbeats of 50 nodes a second up to which their P99 stays below 5 ms",
    figure: "heartbeats_per_s_within_5_ms",
    unit: "per_s",
    threshold: 2_500,
    direction: "at_least",
    property: "B1",
  },
  heartbeats: {
    id: "heartbeats",
    what: "heartbeats a second, pipelined over one connection",
    figure: "heartbeats_to_redis_limit_ratio",
    unit: "ratio",
    threshold: 0.6,
    direction: "at_least",
    peer: "redis-limit",
    fullOnly: true,
  },
  pairs: {
    id: "pairs",
    what: "reserve + complete pairs a second",
    figure: "pairs_to_bullmq_ratio",
    unit: "ratio",
    threshold: 1.3,
    direction: "at_least",
    peer: "bullmq",
    fullOnly: true,
  },
  cold_start: {
    id: "cold_start",
    what: "from nothing to ready, 10,000 nodes",
    figure: "cold_start_ms",
    unit: "ms",
    threshold: 500,
    direction: "at_most",
    property: "B3",
  },
  cold_start_many: {
    id: "cold_start_many",
    what: "from nothing to ready, 100,000 nodes",
    figure: "cold_start_many_ms",
    unit: "ms",
    threshold: 5_000,
    direction: "at_most",
    property: "B3",
    fullOnly: true,
  },
  memory: {
    id: "memory",
    what: "an instance with 100,000 nodes, above an empty one",
    figure: "memory_mb",
    unit: "mb",
    threshold: 250,
    direction: "at_most",
    fullOnly: true,
  },
  expiry: {
    id: "expiry",
    what: "busiest slice of Redis operations against the mean, entries written at once coming due",
    figure: "expiry_burst_ratio",
    unit: "ratio",
    threshold: 2,
    direction: "at_most",
    property: "C1",
    isBurst: true,
  },
  misses: {
    id: "misses",
    what: "Redis requests for one missing id, miss TTL and instance, under 1,000 lookups a second",
    figure: "miss_requests_max",
    unit: "requests",
    threshold: 1,
    direction: "at_most",
    property: "C2",
  },
  wake_ups: {
    id: "wake_ups",
    what: "event-loop delay under the wake-ups of 200 instances",
    figure: "loop_delay_ms_p99",
    unit: "ms",
    threshold: 10,
    direction: "at_most",
    fullOnly: true,
  },
} as const satisfies Record<string, Claim>;

export type ClaimId = keyof typeof claims;
export const claimIds = Object.keys(claims) as readonly ClaimId[];

/** The claims of one profile, in the order in which they are run. */
export function claimsOf(profile: BenchProfile): readonly ClaimId[] {
  return claimIds.filter((id) => {
    const claim: Claim = claims[id];
    return profile === "full" || claim.fullOnly !== true;
  });
}
