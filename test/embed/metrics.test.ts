import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { metricList } from "../../src/embed/metric-list.ts";
import { createMetrics } from "../../src/embed/metrics.ts";

const idle = { commands: 1, subscriber: 1, inFlight: 2, mode: "normal" } as const;

function counted() {
  return createMetrics({ scheduler: "s", ttlSpread: 0.2, now: () => idle });
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
