import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInputError, SettingsError } from "../../src/scheduler/errors.ts";
import { checkId, checkMetrics, checkOffer } from "../../src/scheduler/input.ts";
import { metricNames, unknownMetrics } from "../../src/scheduler/ports.ts";
import { defaultWeights, fullLoad, healthMilli, healthScore } from "../../src/scheduler/selection/health.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { compareCodePoints, sortedIds, sortedPairs, utf8 } from "../../src/scheduler/text.ts";
import { fnv1a, partitionOf } from "../../src/scheduler/view/partition-of.ts";
import { idle, offer } from "./support/instance.ts";

describe("the health score", () => {
  it("has weights that add up to 1", () => {
    expect(Object.values(defaultWeights).reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
  });

  it("counts what the weights say, and only their proportion", () => {
    const cpuOnly = { cpu: 7, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
    expect(healthScore({ ...fullLoad, cpu: 0.25 }, cpuOnly)).toBe(0.75);
    const metrics = { ...idle, cpu: 0.5, load: 1 };
    const tenfold = Object.fromEntries(Object.entries(defaultWeights).map(([name, weight]) => [name, weight * 10]));
    expect(healthScore(metrics, { ...defaultWeights, ...tenfold })).toBeCloseTo(healthScore(metrics), 12);
  });

  it("is 1 for an idle node and 0 for a spent one", () => {
    expect(healthScore(idle)).toBe(1);
    expect(healthScore(fullLoad)).toBeCloseTo(0, 12);
  });

  it("leaves the weight of a metric out that is not known, and is 0.5 where none is", () => {
    expect(healthScore({ ...fullLoad, cpu: null })).toBeCloseTo(0, 12);
    expect(healthScore({ ...idle, cpu: null })).toBe(1);
    expect(healthScore({ ...unknownMetrics, memory: 0.25 })).toBeCloseTo(0.75, 12);
    expect(healthScore(unknownMetrics)).toBe(0.5);
    const cpuOnly = { cpu: 7, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
    expect(healthScore({ ...idle, cpu: null }, cpuOnly)).toBe(0.5);
  });

  it("is in [0, 1] whatever is possible, and falls with every metric", () => {
    const reading = fc.double({ min: 0, max: 1e9, noNaN: true });
    const metrics = fc.record({
      cpu: reading,
      gpu: reading,
      memory: reading,
      load: reading,
      latency_ms: reading,
      error_rate: reading,
    });
    fc.assert(
      fc.property(
        metrics,
        fc.constantFrom(...metricNames),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (all, name, more) => {
          const score = healthScore(all);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          expect(Number.isInteger(healthMilli(all))).toBe(true);
          expect(healthScore({ ...all, [name]: all[name] + more })).toBeLessThanOrEqual(score);
        },
      ),
    );
  });
});

describe("a partition", () => {
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("is FNV-1a of the bytes: %j", (text, hash) => expect(fnv1a(text)).toBe(hash));

  it("is one of those there are, for every id", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 4096 }), (id, partitions) => {
        const partition = partitionOf(id, partitions);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(partitions);
      }),
    );
  });
});

describe("lists", () => {
  it("are in the order of their bytes, without duplicates", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (ids) => {
        const expected = [...new Set(ids)].sort((a, b) => Buffer.compare(utf8(a), utf8(b)));
        expect(sortedIds(ids)).toEqual(expected);
      }),
    );
    expect(compareCodePoints("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
  });

  it("of pairs are sorted by source, then target", () => {
    const pairs = ["b:a", "a:b", "a:a", "a:b"].map((text) => ({ source: text.charAt(0), target: text.charAt(2) }));
    expect(sortedPairs(pairs).map(({ source, target }) => source + target)).toEqual(["aa", "ab", "ba"]);
  });
});

describe("input", () => {
  it.each(["", "\ud800", "x".repeat(257), "é".repeat(129)])("refuses the id %j", (id) => {
    expect(() => checkId("node", id)).toThrow(InvalidInputError);
  });

  it.each(["{}", ":", "a\nb", "é".repeat(128), "\u0000"])("accepts the id %j", (id) => {
    expect(checkId("node", id)).toBe(id);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, -0.001, 1e9 + 1])(
    "leaves a metric of %d out, and names it",
    (wrong) => {
      for (const name of metricNames) {
        const impossible: string[] = [];
        const metrics = checkMetrics({ ...idle, [name]: wrong }, (metric, found) => impossible.push(metric, found));
        expect(metrics).toEqual({ ...idle, [name]: null });
        expect(impossible).toEqual([name, String(wrong)]);
      }
    },
  );

  it.each([undefined, null])("takes a metric that is %s for one that is not known, and names none", (absent) => {
    const named: string[] = [];
    expect(checkMetrics({ ...idle, cpu: absent }, (name) => named.push(name))).toEqual({ ...idle, cpu: null });
    expect(checkMetrics({}, (name) => named.push(name))).toEqual(unknownMetrics);
    expect(named).toEqual([]);
  });

  it("leaves metrics that fit twenty characters", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (cpu) => {
        const metrics = checkMetrics({ ...idle, cpu }, () => {});
        expect(String(metrics.cpu)).toMatch(/^(?=.{1,20}$)\d+(\.\d+)?$/);
      }),
    );
  });

  it("refuses a language with a colon, too many jobs, too many pools", () => {
    expect(() => checkOffer(offer("a", { languages: [{ source: "a:b", target: "c" }] }))).toThrow(InvalidInputError);
    expect(() => checkOffer(offer("a", { max_jobs: 100_001 }))).toThrow("max_jobs: found 100001");
    const pools = Array.from({ length: 65 }, (_, index) => `p${index}`);
    expect(() => checkOffer(offer("a", { pools }))).toThrow("pools: found 65 entries, allowed at most 64");
  });
});

const noWeights = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };

describe("settings", () => {
  it("have defaults that do not contradict each other", () => {
    expect(resolveSettings({})).toMatchObject({ partitions: 8, readDeadline: 25, budget: 50, probesInARow: 3 });
  });

  it.each([
    [{ readDeadline: 60 }, "settings.readDeadline: found 65 ms, allowed with deadlineGrace, at most budget (50 ms)"],
    [{ l1Ttl: 40_000 }, "settings.l1Ttl: found 40000 ms, allowed at most l2Ttl (30000 ms)"],
    [{ missTtl: 6_000 }, "settings.missTtl"],
    [{ pollInterval: 30_000 }, "settings.pollInterval"],
    [{ pulseInterval: 300 }, "settings.pulseInterval"],
    [{ dwell: 3_000 }, "settings.dwell"],
    [{ sweepInterval: 5_000_000 }, "settings.sweepInterval"],
    [{ partitions: 0 }, "settings.partitions: found 0"],
    [{ maxCalls: 1.5 }, "settings.maxCalls: found 1.5"],
    [{ healthWeights: noWeights }, "settings.healthWeights: found a sum of 0, allowed a sum above 0"],
    [{ healthWeights: { ...noWeights, cpu: -1 } }, "settings.healthWeights.cpu: found -1"],
  ])("refuse %j, saying where and what is allowed", (given, message) => {
    expect(() => resolveSettings(given)).toThrow(SettingsError);
    expect(() => resolveSettings(given)).toThrow(message);
  });

  it("refuse a name that there is not", () => {
    const misspelt: object = { readDeadlin: 20 };
    expect(() => resolveSettings(misspelt)).toThrow("settings.readDeadlin: found no such setting");
  });
});
