/** The claim that metrics count what happens: every event, and the value of every series after it. */
import type * as Metrics from "../../../embed/metrics.ts";
import type { EventPayload } from "../../../scheduler/events.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";

const lostAt = { epoch: "e", sequence: 1 };
const call = { kind: "store_call", partition: 0 } as const;
const read = {
  ...({ kind: "answered", node: "n", found: true, status: "online" } as const),
  ...({ version: lostAt, age_ms: 1, mode: "normal" } as const),
};
const selected = { kind: "selected", pools: [], stale: false } as const;

const failed = { node: "n", message: "m" };

/** Durations are binary fractions of a second, so that their sums are exact. */
export const events: readonly EventPayload[] = [
  { kind: "ready" },
  { kind: "fault", task: "t", error: new Error("e") },
  { kind: "mode_changed", from: "normal", to: "l2_only", cause: "deadline" },
  { ...call, operation: "heartbeat", outcome: "answered", took: 250 },
  { ...call, operation: "heartbeat", outcome: "deadline", took: 500 },
  { ...call, operation: "heartbeat", outcome: "disconnected", took: 1_000 },
  { ...call, operation: "changes_since", outcome: "deadline", took: 500 },
  { ...call, operation: "version_check", outcome: "deadline", took: 500 },
  { ...call, operation: "version_check", outcome: "answered", took: 500 },
  { ...call, operation: "version_check", outcome: "disconnected", took: 500 },
  { kind: "call_refused", operation: "heartbeat", partition: 0, cause: "overloaded" },
  { kind: "late_reply", operation: "heartbeat", partition: 0, after: 9 },
  { kind: "dropped_reply", operation: "heartbeat", partition: 0, version: lostAt },
  { kind: "epoch_left", partition: 0, epoch: "d", sequence: 9 },
  { kind: "epoch_adopted", partition: 0, epoch: "e", sequence: 1 },
  { kind: "gap_found", partition: 0, after: 3, to: 8, by: "poll" },
  { kind: "gap_found", partition: 0, after: 3, to: 4, by: "wake" },
  { kind: "resync_started", partition: 0, reason: "trimmed" },
  { kind: "resynced", partition: 0, version: lostAt, nodes: 7, pages: 2, took: 2_000 },
  { kind: "view_advanced", partition: 0, version: lostAt, entries: 3 },
  { kind: "contradiction", partition: 0, node: "n", version: lostAt },
  { kind: "store_behind", partition: 0, held: lostAt, reported: lostAt },
  { ...read, source: "l1", stale: false, took: 250 },
  { ...read, source: "l1", stale: false, took: 250 },
  { ...read, source: "l1", stale: true, took: 250 },
  { ...read, source: "l2", stale: true, took: 500 },
  { ...read, source: "l2", stale: false, took: 500 },
  { ...selected, nodes: ["n"], mode: "normal", took: 250 },
  { ...selected, nodes: [], mode: "l2_only", took: 500 },
  { kind: "coalesced", operation: "snapshot", partition: 0 },
  { kind: "miss_absorbed", node: "n" },
  { kind: "impossible_metric", node: "n", metric: "cpu", found: "NaN" },
  { kind: "jobs_orphaned", partition: 0, node: "n", jobs: ["a", "b"], because: "expired", lostAt },
  { kind: "config_changed", version: lostAt, enabled: true },
  { kind: "config_malformed", reason: "r" },
  { kind: "record_unreadable", node: "n", reason: "r" },
  { kind: "swept", partition: 0, expired: ["a", "b"], removed: ["c"], lapsed: ["d"], failed: [failed] },
  { kind: "ambiguity_resolved", job: "j", node: "n", outcome: "reserved" },
  { kind: "feed_connected" },
  { kind: "feed_disconnected", reason: "r" },
];

/** As docs/metrics.md says; of a histogram its sum and its count. Series without an event are not there, or 0. */
const allowed: Readonly<Record<string, number>> = {
  lockproof_ambiguities_resolved_total_reserved: 1,
  lockproof_callback_failures_total_onEvent: 1,
  lockproof_calls_refused_total_heartbeat_overloaded: 1,
  lockproof_config_changes_total: 1,
  lockproof_config_malformed_total: 1,
  lockproof_contradictions_total: 1,
  lockproof_epochs_total: 1,
  lockproof_faults_total: 1,
  lockproof_feed_changes_total: 3,
  lockproof_feed_connects_total: 1,
  lockproof_feed_disconnects_total: 1,
  lockproof_feed_gap_changes_total: 6,
  lockproof_feed_gaps_total_poll: 1,
  lockproof_feed_gaps_total_wake: 1,
  lockproof_impossible_metrics_total_cpu: 1,
  lockproof_misses_absorbed_total: 1,
  lockproof_mode_changes_total_normal_l2_only_deadline: 1,
  lockproof_orphaned_jobs_total_expired: 2,
  lockproof_read_seconds_count_l1: 3,
  lockproof_read_seconds_count_l2: 2,
  lockproof_read_seconds_sum_l1: 0.75,
  lockproof_read_seconds_sum_l2: 1,
  lockproof_reads_total_l1_false: 2,
  lockproof_reads_total_l1_true: 1,
  lockproof_reads_total_l2_false: 1,
  lockproof_reads_total_l2_true: 1,
  lockproof_records_unreadable_total: 1,
  lockproof_redis_late_replies_total_heartbeat: 1,
  lockproof_redis_operation_seconds_count_changes_since: 1,
  lockproof_redis_operation_seconds_count_heartbeat: 2,
  lockproof_redis_operation_seconds_count_version_check: 2,
  lockproof_redis_operation_seconds_sum_changes_since: 0.5,
  lockproof_redis_operation_seconds_sum_heartbeat: 0.75,
  lockproof_redis_operation_seconds_sum_version_check: 1,
  lockproof_redis_operations_total_changes_since_deadline: 1,
  lockproof_redis_operations_total_heartbeat_answered: 1,
  lockproof_redis_operations_total_heartbeat_deadline: 1,
  lockproof_redis_operations_total_heartbeat_disconnected: 1,
  lockproof_redis_operations_total_version_check_answered: 1,
  lockproof_redis_operations_total_version_check_deadline: 1,
  lockproof_redis_operations_total_version_check_disconnected: 1,
  lockproof_replies_of_a_left_epoch_total_heartbeat: 1,
  lockproof_requests_coalesced_total_snapshot: 1,
  lockproof_resync_seconds_count: 1,
  lockproof_resync_seconds_sum: 2,
  lockproof_resyncs_total_trimmed: 1,
  lockproof_selection_seconds_count: 2,
  lockproof_selection_seconds_sum: 0.75,
  lockproof_selections_total_l2_only_empty: 1,
  lockproof_selections_total_normal_found: 1,
  lockproof_store_behind_total: 1,
  lockproof_swept_at_once_count: 1,
  lockproof_swept_at_once_sum: 4,
  lockproof_swept_total_expired: 2,
  lockproof_swept_total_failed: 1,
  lockproof_swept_total_lapsed: 1,
  lockproof_swept_total_removed: 1,
  lockproof_version_check_timeouts_total_changes_since: 1,
  lockproof_version_check_timeouts_total_version_check: 1,
};

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
  readonly value: number;
}

/** The series of counters and histograms that are not 0, each named by its labels too. */
async function counted({ registry }: Metrics.Metrics): Promise<Readonly<Record<string, number>>> {
  const found: [string, number][] = [];
  for (const { name, type, values } of await registry.getMetricsAsJSON()) {
    if (String(type) === "gauge") continue;
    for (const { labels, metricName = name, value } of values as readonly Sample[]) {
      const { le, scheduler: _, ...others } = labels;
      if (le === undefined && value !== 0) found.push([[metricName, ...Object.values(others)].join("_"), value]);
    }
  }
  return Object.fromEntries(found);
}

export const metricCountChecks: readonly ContractCheck[] = [
  {
    id: "events-counted",
    property: "M1",
    claim: "the metrics of an embedded scheduler count each event as documented, and nothing else",
    async run({ modules }) {
      const compare = new Comparisons();
      const file = modules.embedded.replace(/scheduler(\.\w+)$/u, "metrics$1");
      const { createMetrics } = (await import(/* @vite-ignore */ file)) as typeof Metrics;
      const now = () => ({ commands: 1, subscriber: 1, inFlight: 2, mode: "normal" }) as const;
      const metrics = createMetrics({ scheduler: "s", ttlSpread: 0.2, now });
      for (const event of events) metrics.observe({ ...event, at: 1 });
      metrics.callbackFailed("onEvent");
      const found = await counted(metrics);
      for (const series of Object.keys({ ...found, ...allowed }))
        compare.same(series, found[series] ?? 0, allowed[series] ?? 0);
      return compare.found;
    },
  },
];
