/** The headers of the scripts in lua/ as types, for the compiler and for the test that compares the two. */

const log = [
  ["meta", "hash"],
  ["feed", "stream"],
] as const;
const call = ["now_ms", "partitions", "feed_max"] as const;

export interface ScriptContract {
  /** Name and type of each fixed key, in order. */
  readonly keys: readonly (readonly [name: string, type: string])[];
  readonly args: readonly string[];
  /** The first word of each reply, `layout_mismatch` apart, which all can give. */
  readonly replies: readonly string[];
}

export const contracts = {
  register_node: {
    keys: [
      ...log,
      ["nodes", "sorted set"],
      ["expiry", "sorted set"],
      ["leases", "sorted set"],
      ["node", "hash"],
      ["jobs", "sorted set"],
      ["orphans", "sorted set"],
    ],
    args: [...call, "node", "registration", "expected", "max_jobs", "ttl_ms", "pools", "languages", "services"],
    replies: ["registered", "already", "superseded", "conflict"],
  },
  heartbeat: {
    keys: [...log, ["expiry", "sorted set"], ["leases", "sorted set"], ["node", "hash"], ["jobs", "sorted set"]],
    args: [
      ...call,
      "node",
      "incarnation",
      "seq",
      "chunk",
      "ttl_ms",
      "lease_ms",
      "health_milli",
      "cpu",
      "gpu",
      "memory",
      "load",
      "latency_ms",
      "error_rate",
      "running",
    ],
    replies: ["renewed", "already", "stale", "unknown_node", "not_online", "superseded"],
  },
  offline_node: {
    keys: [
      ...log,
      ["expiry", "sorted set"],
      ["leases", "sorted set"],
      ["node", "hash"],
      ["jobs", "sorted set"],
      ["orphans", "sorted set"],
    ],
    args: [...call, "node", "incarnation", "retention_ms"],
    replies: ["offline", "already", "unknown_node", "superseded"],
  },
  reserve_job: {
    keys: [...log, ["leases", "sorted set"], ["node", "hash"], ["jobs", "sorted set"], ["done", "sorted set"]],
    args: [...call, "node", "job", "lease_ms", "seen"],
    replies: ["reserved", "already", "full", "not_online", "finished", "finished_unknown"],
  },
  complete_job: {
    keys: [...log, ["leases", "sorted set"], ["node", "hash"], ["jobs", "sorted set"], ["done", "sorted set"]],
    args: [...call, "node", "job", "done_ms", "done_max"],
    replies: ["completed", "unknown"],
  },
  release_job: {
    keys: [...log, ["leases", "sorted set"], ["node", "hash"], ["jobs", "sorted set"]],
    args: [...call, "node", "job"],
    replies: ["completed", "unknown"],
  },
  group: {
    keys: log,
    args: [...call, "items"],
    replies: ["grouped"],
  },
  sweep: {
    keys: [
      ...log,
      ["nodes", "sorted set"],
      ["expiry", "sorted set"],
      ["leases", "sorted set"],
      ["orphans", "sorted set"],
    ],
    args: [...call, "retention_ms", "limit", "job_limit", "gap_ms", "grace_ms", "offset", "candidates"],
    replies: ["swept"],
  },
  changes_since: {
    keys: log,
    args: [...call, "epoch", "sequence", "limit", "max_bytes"],
    replies: ["changes", "resync"],
  },
  read_orphans: {
    keys: [...log, ["orphans", "sorted set"]],
    args: [...call, "after", "limit"],
    replies: ["orphans"],
  },
  ack_orphans: {
    keys: [...log, ["orphans", "sorted set"]],
    args: [...call, "losses"],
    replies: ["acknowledged"],
  },
  snapshot: {
    keys: [...log, ["nodes", "sorted set"]],
    args: [...call, "after", "limit", "max_bytes"],
    replies: ["page"],
  },
  put_config: {
    keys: [...log, ["phase3", "hash"]],
    args: [...call, "expected", "enabled", "pool_count", "hash_seed", "fallback_scan_all_pools", "pools"],
    replies: ["stored", "already", "conflict"],
  },
} as const satisfies Record<string, ScriptContract>;

export type ScriptName = keyof typeof contracts;
export const scriptNames = Object.keys(contracts) as readonly ScriptName[];
