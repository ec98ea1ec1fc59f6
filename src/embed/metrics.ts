/** One scheduler's events, counted. */
import { Registry } from "prom-client";
import type { EventPayload, SchedulerEvent, Source } from "../scheduler/events.ts";
import type { Mode } from "../scheduler/mode/mode.ts";
import type { NamesOf } from "./metric-list.ts";
import { type Gauged, type MetricSet, metricSetOf } from "./metric-set.ts";

export interface MetricsOptions {
  readonly scheduler: string;
  /** One of its own by default. */
  readonly registry?: Registry;
  readonly ttlSpread: number;
  /** Read when the registry is. */
  readonly now: () => {
    readonly commands: number;
    readonly subscriber: number;
    readonly inFlight: number;
    readonly mode: Mode;
  };
}

export interface Metrics {
  readonly registry: Registry;
  observe(event: SchedulerEvent): void;
  callbackFailed(callback: string): void;
  close(): void;
}

type Handlers = { readonly [Kind in EventPayload["kind"]]?: (event: Extract<EventPayload, { kind: Kind }>) => void };

const modes: readonly Mode[] = ["normal", "l2_only", "local_only"];
const versionChecks: readonly string[] = ["version_check", "changes_since"];

/** @throws OptionsError when the registry cannot take them */
export function createMetrics({ now, registry = new Registry(), scheduler, ttlSpread }: MetricsOptions): Metrics {
  const set = metricSetOf(registry);
  let ready = 0;
  const gauged: Gauged = {
    scheduler,
    gauges() {
      const { commands, mode, subscriber, inFlight } = now();
      return [
        ["lockproof_connections", { role: "commands" }, commands],
        ["lockproof_connections", { role: "subscriber" }, subscriber],
        ["lockproof_redis_calls_under_way", {}, inFlight],
        ...modes.map((one) => ["lockproof_mode", { mode: one }, one === mode ? 1 : 0] as const),
        ["lockproof_ttl_spread_ratio", {}, ttlSpread],
        ["lockproof_ready", {}, ready],
      ];
    },
  };
  set.join(gauged);
  const handlers: Handlers = {
    ...counting(scheduler, set),
    ready: () => {
      ready = 1;
    },
  };
  return {
    registry,
    observe(event) {
      const handle = handlers[event.kind] as ((event: SchedulerEvent) => void) | undefined;
      handle?.(event);
    },
    callbackFailed: (callback) => set.count("lockproof_callback_failures_total", { scheduler, callback }),
    close: () => set.leave(gauged),
  };
}

/** Reads are what there is most of, so their few series are looked up once. */
function countingReads(scheduler: string, set: MetricSet): NonNullable<Handlers["answered"]> {
  const seriesOf = (source: Source, stale: boolean) => ({
    total: set.counterOf("lockproof_reads_total", { scheduler, source, stale: String(stale) }),
    seconds: set.histogramOf("lockproof_read_seconds", { scheduler, source }),
  });
  const fresh = new Map<Source, ReturnType<typeof seriesOf>>();
  const stale = new Map<Source, ReturnType<typeof seriesOf>>();
  return (event) => {
    const known = event.stale ? stale : fresh;
    const series = known.get(event.source) ?? seriesOf(event.source, event.stale);
    known.set(event.source, series);
    series.total.inc();
    series.seconds.observe(event.took / 1_000);
  };
}

function counting(scheduler: string, set: MetricSet): Handlers {
  const count = (name: NamesOf<"counter">, labels: Readonly<Record<string, string>> = {}, by = 1): void =>
    set.count(name, { scheduler, ...labels }, by);
  const seconds = (
    name: NamesOf<"histogram">,
    milliseconds: number,
    labels: Readonly<Record<string, string>> = {},
  ): void => set.observe(name, { scheduler, ...labels }, milliseconds / 1_000);
  return {
    ...countingCalls(count, timingCalls(scheduler, set)),
    ...countingFeed(count, seconds),
    fault: () => count("lockproof_faults_total"),
    mode_changed: ({ from, to, cause }) => count("lockproof_mode_changes_total", { from, to, cause }),
    answered: countingReads(scheduler, set),
    selected({ mode, nodes, took }) {
      count("lockproof_selections_total", { mode, outcome: nodes.length > 0 ? "found" : "empty" });
      seconds("lockproof_selection_seconds", took);
    },
    coalesced: ({ operation }) => count("lockproof_requests_coalesced_total", { operation }),
    miss_absorbed: () => count("lockproof_misses_absorbed_total"),
    impossible_metric: ({ metric }) => count("lockproof_impossible_metrics_total", { metric }),
    jobs_orphaned: ({ because, jobs }) => count("lockproof_orphaned_jobs_total", { because }, jobs.length),
    ambiguity_resolved: ({ outcome }) => count("lockproof_ambiguities_resolved_total", { outcome }),
    swept({ expired, removed, lapsed, failed }) {
      const found = { expired: expired.length, removed: removed.length, lapsed: lapsed.length };
      for (const [what, by] of Object.entries({ ...found, failed: failed.length }))
        count("lockproof_swept_total", { what }, by);
      set.observe("lockproof_swept_at_once", { scheduler }, found.expired + found.removed + found.lapsed);
    },
  };
}

type Count = (name: NamesOf<"counter">, labels?: Readonly<Record<string, string>>, by?: number) => void;
type Seconds = (name: NamesOf<"histogram">, milliseconds: number, labels?: Readonly<Record<string, string>>) => void;

/** Calls are what there is most of beside reads: their few series are looked up once, too. */
function timingCalls(scheduler: string, set: MetricSet) {
  const totals = new Map<string, ReturnType<MetricSet["counterOf"]>>();
  const times = new Map<string, ReturnType<MetricSet["histogramOf"]>>();
  return (operation: string, outcome: string, took: number): void => {
    const key = `${operation} ${outcome}`;
    const total =
      totals.get(key) ?? set.counterOf("lockproof_redis_operations_total", { scheduler, operation, outcome });
    totals.set(key, total);
    total.inc();
    if (outcome !== "answered" && outcome !== "deadline") return; // it was not sent
    const time = times.get(operation) ?? set.histogramOf("lockproof_redis_operation_seconds", { scheduler, operation });
    times.set(operation, time);
    time.observe(took / 1_000);
  };
}

function countingCalls(count: Count, timeCall: ReturnType<typeof timingCalls>): Handlers {
  return {
    store_call({ operation, outcome, took }) {
      timeCall(operation, outcome, took);
      if (outcome === "deadline" && versionChecks.includes(operation)) {
        count("lockproof_version_check_timeouts_total", { operation });
      }
    },
    call_refused: ({ operation, cause }) => count("lockproof_calls_refused_total", { operation, cause }),
    late_reply: ({ operation }) => count("lockproof_redis_late_replies_total", { operation }),
    dropped_reply: ({ operation }) => count("lockproof_replies_of_a_left_epoch_total", { operation }),
    store_behind: () => count("lockproof_store_behind_total"),
  };
}

function countingFeed(count: Count, seconds: Seconds): Handlers {
  return {
    feed_connected: () => count("lockproof_feed_connects_total"),
    feed_disconnected: () => count("lockproof_feed_disconnects_total"),
    gap_found({ after, by, to }) {
      count("lockproof_feed_gaps_total", { by });
      count("lockproof_feed_gap_changes_total", {}, Math.max(0, to - after));
    },
    view_advanced: ({ entries }) => count("lockproof_feed_changes_total", {}, entries),
    contradiction: () => count("lockproof_contradictions_total"),
    resync_started: ({ reason }) => count("lockproof_resyncs_total", { reason }),
    resynced: ({ took }) => seconds("lockproof_resync_seconds", took),
    config_changed: () => count("lockproof_config_changes_total"),
    record_unreadable: () => count("lockproof_records_unreadable_total"),
    config_malformed: () => count("lockproof_config_malformed_total"),
    epoch_adopted: () => count("lockproof_epochs_total"),
  };
}
