/** As what each event of an instance is counted, by docs/metrics.md; what is not in here is not counted by events alone. */

/** An event of an instance: its kind, and its facts beside. */
export interface InstanceEvent {
  readonly kind: string;
}

export interface CountedAs {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** 1 where it is absent. */
  readonly by?: number;
}

/** Kind -> the metric that grows by one, and the facts that are its labels. */
const simple: ReadonlyMap<string, readonly [name: string, ...labels: readonly string[]]> = new Map([
  ["feed_connected", ["lockproof_feed_connects_total"]],
  ["feed_disconnected", ["lockproof_feed_disconnects_total"]],
  ["mode_changed", ["lockproof_mode_changes_total", "from", "to", "cause"]],
  ["call_refused", ["lockproof_calls_refused_total", "operation", "cause"]],
  ["late_reply", ["lockproof_redis_late_replies_total", "operation"]],
  ["answered", ["lockproof_reads_total", "source", "stale"]],
  ["resync_started", ["lockproof_resyncs_total", "reason"]],
  ["epoch_adopted", ["lockproof_epochs_total"]],
  ["dropped_reply", ["lockproof_replies_of_a_left_epoch_total", "operation"]],
  ["store_behind", ["lockproof_store_behind_total"]],
  ["contradiction", ["lockproof_contradictions_total"]],
  ["config_changed", ["lockproof_config_changes_total"]],
  ["config_malformed", ["lockproof_config_malformed_total"]],
  ["record_unreadable", ["lockproof_records_unreadable_total"]],
  ["coalesced", ["lockproof_requests_coalesced_total", "operation"]],
  ["miss_absorbed", ["lockproof_misses_absorbed_total"]],
  ["impossible_metric", ["lockproof_impossible_metrics_total", "metric"]],
  ["ambiguity_resolved", ["lockproof_ambiguities_resolved_total", "outcome"]],
  ["fault", ["lockproof_faults_total"]],
]);

const swept = ["expired", "removed", "lapsed", "failed"] as const;

export function countedAs(emitted: InstanceEvent): readonly CountedAs[] {
  const event = emitted as InstanceEvent & Readonly<Record<string, unknown>>;
  const known = simple.get(event.kind);
  if (known !== undefined) {
    const [name, ...labels] = known;
    return [{ name, labels: Object.fromEntries(labels.map((label) => [label, String(event[label])])) }];
  }
  switch (event.kind) {
    case "selected": {
      const outcome = lengthOf(event["nodes"]) > 0 ? "found" : "empty";
      return [{ name: "lockproof_selections_total", labels: { mode: String(event["mode"]), outcome } }];
    }
    case "gap_found":
      return [
        { name: "lockproof_feed_gaps_total", labels: { by: String(event["by"]) } },
        { name: "lockproof_feed_gap_changes_total", labels: {}, by: Number(event["to"]) - Number(event["after"]) },
      ];
    case "view_advanced":
      return [{ name: "lockproof_feed_changes_total", labels: {}, by: Number(event["entries"]) }];
    case "jobs_orphaned": {
      const labels = { because: String(event["because"]) };
      return [{ name: "lockproof_orphaned_jobs_total", labels, by: lengthOf(event["jobs"]) }];
    }
    case "swept":
      return swept.map((what) => ({ name: "lockproof_swept_total", labels: { what }, by: lengthOf(event[what]) }));
    default:
      return [];
  }
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

/** `name{label=value,…}`, labels in alphabetical order. */
export function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return `${name}{${pairs.sort().join(",")}}`;
}
