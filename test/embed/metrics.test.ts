import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { metricList } from "../../src/embed/metric-list.ts";
import { createMetrics } from "../../src/embed/metrics.ts";
import type { EventPayload } from "../../src/scheduler/events.ts";

const idle = { commands: 1, subscriber: 1, inFlight: 2, mode: "normal" } as const;

function counted(...happenings: readonly EventPayload[]) {
  const metrics = createMetrics({ scheduler: "s", ttlSpread: 0.2, now: () => idle });
  for (const happening of happenings) metrics.observe({ ...happening, at: 1 });
  return metrics;
}

async function amountOf(registry: Registry, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const metric = registry.getSingleMetric(name);
  const { values = [] } = (await metric?.get()) ?? {};
  const wanted = Object.entries({ scheduler: "s", ...labels });
  const found = values.filter((value) =>
    wanted.every(([label, text]) => (value.labels as Record<string, unknown>)[label] === text),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}

const call = (
  operation: "heartbeat" | "changes_since",
  outcome: "answered" | "deadline" | "disconnected",
): EventPayload => ({
  kind: "store_call",
  operation,
  partition: 0,
  took: 3,
  outcome,
});
const read = (source: "l1" | "l2", stale: boolean): EventPayload => ({
  ...{ kind: "answered", node: "n", found: true, status: "online", version: null, age_ms: 1, mode: "normal", took: 1 },
  source,
  stale,
});

describe("an event is counted:", () => {
  const expected: readonly (readonly [EventPayload, string, Readonly<Record<string, string>>, number])[] = [
    [
      call("heartbeat", "answered"),
      "lockproof_redis_operations_total",
      { operation: "heartbeat", outcome: "answered" },
      1,
    ],
    [call("changes_since", "deadline"), "lockproof_version_check_timeouts_total", { operation: "changes_since" }, 1],
    [call("heartbeat", "deadline"), "lockproof_version_check_timeouts_total", {}, 0],
    [read("l1", false), "lockproof_reads_total", { source: "l1", stale: "false" }, 1],
    [read("l2", true), "lockproof_reads_total", { source: "l2", stale: "true" }, 1],
    [
      { kind: "mode_changed", from: "normal", to: "l2_only", cause: "deadline" },
      "lockproof_mode_changes_total",
      { from: "normal", to: "l2_only", cause: "deadline" },
      1,
    ],
    [{ kind: "gap_found", partition: 0, after: 3, to: 8, by: "poll" }, "lockproof_feed_gap_changes_total", {}, 5],
    [{ kind: "resync_started", partition: 0, reason: "trimmed" }, "lockproof_resyncs_total", { reason: "trimmed" }, 1],
    [
      { kind: "coalesced", operation: "snapshot", partition: 0 },
      "lockproof_requests_coalesced_total",
      { operation: "snapshot" },
      1,
    ],
    [{ kind: "record_unreadable", node: "n", reason: "x" }, "lockproof_records_unreadable_total", {}, 1],
    [{ kind: "miss_absorbed", node: "n" }, "lockproof_misses_absorbed_total", {}, 1],
    [
      { kind: "impossible_metric", node: "n", metric: "cpu", found: "NaN" },
      "lockproof_impossible_metrics_total",
      { metric: "cpu" },
      1,
    ],
    [
      { kind: "call_refused", operation: "heartbeat", partition: 0, cause: "overloaded" },
      "lockproof_calls_refused_total",
      { operation: "heartbeat", cause: "overloaded" },
      1,
    ],
    [
      { kind: "swept", partition: 0, expired: ["a", "b"], removed: [], lapsed: ["c"], failed: [] },
      "lockproof_swept_total",
      { what: "expired" },
      2,
    ],
    [
      {
        kind: "jobs_orphaned",
        partition: 0,
        node: "n",
        jobs: ["a", "b"],
        because: "expired",
        lostAt: { epoch: "e", sequence: 1 },
      },
      "lockproof_orphaned_jobs_total",
      { because: "expired" },
      2,
    ],
    [{ kind: "ready" }, "lockproof_ready", {}, 1],
  ];

  it.each(expected)("%j", async (happening, name, labels, value) => {
    const { registry } = counted(happening);
    await expect(amountOf(registry, name, labels)).resolves.toBe(value);
  });

  it("latency of what was answered or timed out, not of what was never sent", async () => {
    const { registry } = counted(
      call("heartbeat", "answered"),
      call("heartbeat", "deadline"),
      call("heartbeat", "disconnected"),
    );
    const text = await registry.getSingleMetricAsString("lockproof_redis_operation_seconds");
    expect(text).toContain('_count{scheduler="s",operation="heartbeat"} 2');
    expect(text).toMatch(/_bucket\{le="0.003",scheduler="s",operation="heartbeat"\} 2/u);
    expect(text).toMatch(/_bucket\{le="0.002",scheduler="s",operation="heartbeat"\} 0/u);
  });
});

describe("gauges", () => {
  it("are read when the registry is", async () => {
    const { registry } = counted();
    await expect(amountOf(registry, "lockproof_mode", { mode: "normal" })).resolves.toBe(1);
    await expect(amountOf(registry, "lockproof_mode", { mode: "l2_only" })).resolves.toBe(0);
    await expect(amountOf(registry, "lockproof_connections", { role: "commands" })).resolves.toBe(1);
    await expect(amountOf(registry, "lockproof_redis_calls_under_way", {})).resolves.toBe(2);
    await expect(amountOf(registry, "lockproof_ttl_spread_ratio", {})).resolves.toBe(0.2);
  });

  it("of two schedulers in one registry do not hide each other, and go with them", async () => {
    const registry = new Registry();
    const options = { registry, ttlSpread: 0.2 };
    const one = createMetrics({ ...options, scheduler: "one", now: () => idle });
    createMetrics({ ...options, scheduler: "two", now: () => ({ ...idle, mode: "l2_only" }) });
    await expect(amountOf(registry, "lockproof_mode", { scheduler: "one", mode: "normal" })).resolves.toBe(1);
    await expect(amountOf(registry, "lockproof_mode", { scheduler: "two", mode: "l2_only" })).resolves.toBe(1);
    one.close();
    const text = await registry.getSingleMetricAsString("lockproof_mode");
    expect(text).not.toContain('scheduler="one"');
    expect(text).toContain('scheduler="two"');
  });
});

function metricsPage(): string {
  const sections = (["counter", "gauge", "histogram"] as const).flatMap((wanted) => {
    const lines = Object.entries(metricList)
      .filter(([, { kind }]) => kind === wanted)
      .map(([name, { help, labels }]) => `- \`${name}\`${labels.map((label) => ` ${label}`).join(",")}: ${help}`);
    return [`## Kind: ${wanted}`, "", ...lines, ""];
  });
  return [
    "# Metrics",
    "",
    "Reference, for operators of an embedded scheduler; printed from `src/embed/metric-list.ts`.",
    "",
    "`await scheduler.registry.metrics()` gives the Prometheus format. Every metric has the label `scheduler`, the option `name`; further labels follow its name below.",
    "",
    "Percentiles come from the histograms, for example the P99 of heartbeats:",
    "",
    "```promql",
    'histogram_quantile(0.99, sum by (le) (rate(lockproof_redis_operation_seconds_bucket{operation="heartbeat"}[5m])))',
    "```",
    "",
    ...sections,
  ].join("\n");
}

describe("the list of metrics", () => {
  it("is what the registry holds, all of it with help, kind and labels", async () => {
    const { registry } = counted();
    const held = await registry.getMetricsAsJSON();
    const listed = Object.entries(metricList).map(([name, { help, kind }]) => ({ name, help, type: kind }));
    expect(held.map(({ name, help, type }) => ({ name, help, type }))).toEqual(listed);
  });

  it("is docs/metrics.md", async () => {
    const page = metricsPage();
    for (const [name] of page.matchAll(/lockproof_\w+(?=`)/gu)) expect(metricList).toHaveProperty(name);
    await expect(page).toMatchFileSnapshot("../../docs/metrics.md");
  });
});
