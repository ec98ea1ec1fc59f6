/** Every metric there is. The registry is filled from this list, and docs/metrics.md is printed from it. */

/** Around the budgets: 5 ms for a heartbeat, 25 and 30 ms for the deadlines, 50 ms for a read. */
const redisSeconds = [
  0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.1, 0.25, 1,
];
const localSeconds = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1];
const loadSeconds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
const atOnce = [1, 5, 10, 50, 100, 500, 1_000];

interface Metric {
  readonly kind: "counter" | "gauge" | "histogram";
  /** Besides `scheduler`, which all have. */
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  readonly help: string;
}

export const metricList = {
  lockproof_connections: {
    kind: "gauge",
    labels: ["role"],
    help: "Open connections (in a Cluster one for each node in use)",
  },
  lockproof_feed_connects_total: { kind: "counter", labels: [], help: "Subscriptions established" },
  lockproof_feed_disconnects_total: { kind: "counter", labels: [], help: "Subscriptions lost" },
  lockproof_redis_calls_under_way: { kind: "gauge", labels: [], help: "Calls in flight" },
  lockproof_redis_operations_total: {
    kind: "counter",
    labels: ["operation", "outcome"],
    help: "Calls to Redis by outcome: answered, or the cause of the failure",
  },
  lockproof_calls_refused_total: {
    kind: "counter",
    labels: ["operation", "cause"],
    help: "Calls that were not sent: overloaded, disconnected (degraded), aborted, closed",
  },
  lockproof_redis_operation_seconds: {
    kind: "histogram",
    labels: ["operation"],
    buckets: redisSeconds,
    help: "Duration of calls that were answered or timed out",
  },
  lockproof_redis_late_replies_total: {
    kind: "counter",
    labels: ["operation"],
    help: "Replies dropped, since they came after their timeout",
  },
  lockproof_version_check_timeouts_total: {
    kind: "counter",
    labels: ["operation"],
    help: "Version checks that timed out",
  },
  lockproof_mode: { kind: "gauge", labels: ["mode"], help: "1 for the present mode, 0 for the others" },
  lockproof_mode_changes_total: {
    kind: "counter",
    labels: ["from", "to", "cause"],
    help: "Changes of mode",
  },
  lockproof_reads_total: {
    kind: "counter",
    labels: ["source", "stale"],
    help: "getNode by source; cache hits are l1, l2 and miss",
  },
  lockproof_read_seconds: {
    kind: "histogram",
    labels: ["source"],
    buckets: redisSeconds,
    help: "Duration of getNode",
  },
  lockproof_selections_total: {
    kind: "counter",
    labels: ["mode", "outcome"],
    help: "selectNodes; outcome found, or empty where no node suits",
  },
  lockproof_selection_seconds: {
    kind: "histogram",
    labels: [],
    buckets: localSeconds,
    help: "Duration of selectNodes",
  },
  lockproof_feed_gaps_total: {
    kind: "counter",
    labels: ["by"],
    help: "Unannounced changes, found by a later wake-up (wake) or a version check (poll)",
  },
  lockproof_feed_gap_changes_total: { kind: "counter", labels: [], help: "Changes in gaps" },
  lockproof_feed_changes_total: { kind: "counter", labels: [], help: "Changes taken from the feed" },
  lockproof_resyncs_total: {
    kind: "counter",
    labels: ["reason"],
    help: "Full reloads of a view: cold_start, epoch, trimmed, contradiction",
  },
  lockproof_resync_seconds: {
    kind: "histogram",
    labels: [],
    buckets: loadSeconds,
    help: "Duration of a full load of a partition",
  },
  lockproof_epochs_total: {
    kind: "counter",
    labels: [],
    help: "Epochs adopted, after a restart or a failover of Redis",
  },
  lockproof_replies_of_a_left_epoch_total: {
    kind: "counter",
    labels: ["operation"],
    help: "Replies from an abandoned epoch, which were ignored",
  },
  lockproof_store_behind_total: {
    kind: "counter",
    labels: [],
    help: "Replies with an earlier version than seen before",
  },
  lockproof_contradictions_total: {
    kind: "counter",
    labels: [],
    help: "Changes that contradict the view: another program writes the keys",
  },
  lockproof_config_changes_total: {
    kind: "counter",
    labels: [],
    help: "Pool configurations adopted",
  },
  lockproof_config_malformed_total: {
    kind: "counter",
    labels: [],
    help: "Stored pool configurations that another program has made unreadable; the former one stays in force",
  },
  lockproof_records_unreadable_total: {
    kind: "counter",
    labels: [],
    help: "Records of nodes that another program has made unreadable: they are answered as not there",
  },
  lockproof_requests_coalesced_total: {
    kind: "counter",
    labels: ["operation"],
    help: "Requests saved by joining one in flight",
  },
  lockproof_misses_absorbed_total: {
    kind: "counter",
    labels: [],
    help: "Lookups of missing nodes that sent no request",
  },
  lockproof_impossible_metrics_total: {
    kind: "counter",
    labels: ["metric"],
    help: "Impossible metrics, without which heartbeats were sent",
  },
  lockproof_ttl_spread_ratio: {
    kind: "gauge",
    labels: [],
    help: "Share by which TTLs are spread around their base",
  },
  lockproof_swept_total: {
    kind: "counter",
    labels: ["what"],
    help: "Nodes swept by this instance: expired, removed, with lapsed leases, failed for a key of another type",
  },
  lockproof_swept_at_once: {
    kind: "histogram",
    labels: [],
    buckets: atOnce,
    help: "Entries due in one sweep",
  },
  lockproof_orphaned_jobs_total: {
    kind: "counter",
    labels: ["because"],
    help: "Jobs that lost their node, counted by every instance",
  },
  lockproof_ambiguities_resolved_total: {
    kind: "counter",
    labels: ["outcome"],
    help: "Ambiguous reserves resolved by asking the same node again",
  },
  lockproof_callback_failures_total: {
    kind: "counter",
    labels: ["callback"],
    help: "Calls of onEvent or onOrphaned that threw or rejected",
  },
  lockproof_faults_total: { kind: "counter", labels: [], help: "Internal errors: the scheduler has stopped" },
  lockproof_ready: { kind: "gauge", labels: [], help: "1 once everything was loaded, 0 before and after close" },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metricList;
export type NamesOf<Kind extends Metric["kind"]> = {
  [Name in MetricName]: (typeof metricList)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];
