import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createScheduler, type SchedulerOptions } from "../../src/embed/scheduler.ts";

const redis = "redis://127.0.0.1:1";
const wrong = (options: unknown): SchedulerOptions => options as SchedulerOptions;

/** Thrown when the scheduler is made: nothing has been connected, and nothing is left. */
const refused: readonly (readonly [what: string, options: SchedulerOptions, error: string, message: RegExp])[] = [
  ["no address", wrong({}), "AddressError", /^redis: found undefined/u],
  ["a bad URL", { redis: "http://db" }, "AddressError", /begins with http:/u],
  ["a prefix with a brace", { redis, prefix: "{x}" }, "PrefixError", /without braces/u],
  ["a long prefix", { redis, prefix: "x".repeat(65) }, "PrefixError", /up to 64/u],
  ["a name with a newline", { redis, name: "a\nb" }, "OptionsError", /^name: found a\\u\{a\}b/u],
  ["a name that is no text", wrong({ redis, name: 7 }), "OptionsError", /^name: found 7/u],
  ["a feed without room", { redis, feedMax: 0 }, "OptionsError", /^feedMax: found 0/u],
  ["a silence that is no number", { redis, silence: Number.NaN }, "OptionsError", /^silence: found NaN/u],
  ["an unknown level", wrong({ redis, logger: "loud" }), "OptionsError", /^logger: found "loud"/u],
  ["a logger without warn", wrong({ redis, logger: { debug() {}, info() {} } }), "OptionsError", /without warn\(\)/u],
  ["an unknown setting", wrong({ redis, settings: { deadline: 1 } }), "SettingsError", /no such setting/u],
  ["no partitions", { redis, settings: { partitions: 0 } }, "SettingsError", /^settings.partitions: found 0/u],
  ["too many partitions", { redis, settings: { partitions: 1e9 } }, "SettingsError", /partitions/u],
  ["a deadline above the budget", { redis, settings: { readDeadline: 60 } }, "SettingsError", /at most budget/u],
  ["an L1 that outlives L2", { redis, settings: { l1Ttl: 60_000 } }, "SettingsError", /at most l2Ttl/u],
  ["a setting that is no number", { redis, settings: { l1Ttl: Number.NaN } }, "SettingsError", /l1Ttl: found NaN/u],
];

describe("createScheduler refuses", () => {
  it.each(refused)("%s", (_, options, name, message) => {
    expect(() => createScheduler(options)).toThrow(expect.objectContaining({ name }));
    expect(() => createScheduler(options)).toThrow(message);
  });

  it("a registry that has a metric of that name from elsewhere", () => {
    const registry = new Registry();
    registry.registerMetric(Object.assign(Object.create({}), { name: "lockproof_ready", get: () => {} }));
    expect(() => createScheduler({ redis, registry })).toThrow(/lockproof_ready already/u);
  });

  it("a second scheduler of one name in one registry, until the first is closed", async () => {
    const registry = new Registry();
    const first = createScheduler({ redis, registry, name: "a" });
    expect(() => createScheduler({ redis, registry, name: "a" })).toThrow(/a second a in one registry/u);
    const other = createScheduler({ redis, registry, name: "b" });
    await first.close();
    const again = createScheduler({ redis, registry, name: "a" });
    await Promise.all([other.close(), again.close()]);
  });
});

describe("a scheduler that was never started", () => {
  it("closes, and rejects a start after that", async () => {
    const scheduler = createScheduler({ redis });
    await scheduler.close();
    await expect(scheduler.start()).rejects.toMatchObject({ name: "ClosedError" });
  });

  it("is closed at once by a signal that has aborted", async () => {
    const scheduler = createScheduler({ redis, signal: AbortSignal.abort() });
    await expect(scheduler.start()).rejects.toMatchObject({ name: "ClosedError" });
  });

  it("answers nothing that it does not know, and fails writes at once, unsent", async () => {
    const scheduler = createScheduler({ redis });
    expect(scheduler.selectNodes({ pool: "p", source: "de", target: "en", services: [], count: 1 })).toMatchObject({
      nodes: [],
      mode: "local_only",
    });
    await expect(scheduler.getNode("n")).resolves.toMatchObject({ found: false, stale: true });
    await expect(scheduler.reserveJob("n", "j")).resolves.toMatchObject({ kind: "failed", applied: "no" });
    await scheduler.close();
  });
});

describe("input that the protocol does not allow", () => {
  const offer = { node: "n", max_jobs: 1, pools: ["p"], languages: [], services: [] };
  const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
  const beat = { node: "n", incarnation: "i", seq: 1, metrics, running: [] };
  const scheduler = createScheduler({ redis });

  it.each([
    ["an empty id", () => scheduler.registerNode({ ...offer, node: "" })],
    ["an id of 1 MB", () => scheduler.registerNode({ ...offer, node: "n".repeat(1_000_000) })],
    ["half a character", () => scheduler.reserveJob("n", "\ud800")],
    ["a negative capacity", () => scheduler.registerNode({ ...offer, max_jobs: -1 })],
    [
      "a language with a colon",
      () => scheduler.registerNode({ ...offer, languages: [{ source: "a:b", target: "c" }] }),
    ],
    ["a sequence with a fraction", () => scheduler.heartbeat({ ...beat, seq: 1.5 })],
  ])("%s is refused, and nothing is sent", async (_, call) => {
    await expect(call()).rejects.toMatchObject({ name: "InvalidInputError" });
    const sent = await scheduler.registry.getSingleMetricAsString("lockproof_redis_operations_total");
    expect(sent).not.toMatch(/^lockproof_redis_operations_total\{/mu);
  });
});
