// @module-tag slow
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { benchMutants } from "../../scenarios/mutants/bench.ts";
import { type ClaimId, claimIds } from "../../src/bench/claims.ts";
import { findBenchMutant } from "../../src/bench/mutants.ts";
import { type BenchOptions, runBench } from "../../src/bench/run.ts";
import type { BenchMutant } from "../../src/bench/world/instance.ts";
import { type Sizes, sizesOf } from "../../src/bench/world/sizes.ts";

/** The same rows on little: what is tested is the bench, not the machine. */
const small: Partial<Sizes> = {
  nodes: 400,
  manyNodes: 400,
  lasts: 150,
  reads: 2_000,
  selections: 200,
  heartbeats: 400,
  pairs: 200,
  expiry: { entries: 300, writtenIn: 20, ttl: 400 },
  misses: { ids: 20, ttl: 100, ttls: 3 },
};

function bench(rows: readonly ClaimId[], more: Partial<BenchOptions> = {}) {
  const { signal } = new AbortController();
  const now = () => performance.now();
  return runBench({
    profile: "quick",
    seed: 11,
    signal,
    now,
    rows,
    sizes: small,
    slowness: 1,
    env: { ...process.env },
    ...more,
  });
}

const slow = (milliseconds: number, ...calls: readonly ("heartbeat" | "snapshot")[]): BenchMutant => ({
  store: (store) => ({
    ...store,
    async heartbeat(request, deadline) {
      if (calls.includes("heartbeat")) await sleep(milliseconds);
      return await store.heartbeat(request, deadline);
    },
    async snapshot(request, deadline) {
      if (calls.includes("snapshot")) await sleep(milliseconds);
      return await store.snapshot(request, deadline);
    },
  }),
});

const slowSelection: BenchMutant = {
  scheduler(scheduler) {
    const select = scheduler.selectNodes.bind(scheduler);
    return Object.assign(scheduler, {
      selectNodes(wanted: Parameters<typeof select>[0]) {
        const until = performance.now() + 3;
        while (performance.now() < until);
        return select(wanted);
      },
    });
  },
};

describe("the slow mutants of the bench", { tags: ["nightly"] }, () => {
  it.each(benchMutants)("$id is violated on its row, and is $property", async ({ id, property, row }) => {
    const rows = claimIds.filter((claim) => claim === row);
    const evidence = await bench(rows, { mutant: findBenchMutant(id), sizes: {} });
    expect(rows).toHaveLength(1);
    expect(evidence.violations.map((violation) => violation.property)).toEqual([property]);
  });

  it("are asked for by their names", () => {
    expect(() => findBenchMutant("fast")).toThrow(/bench mutant "fast": there is none of that name/u);
  });
});

describe("a row with a delayed subject is violated", () => {
  it.each<readonly [ClaimId, string, BenchMutant]>([
    ["heartbeat", "B1", { heartbeat: { ms: 40, every: 1 } }],
    ["selection", "B2", slowSelection],
    ["cold_start", "B3", slow(400, "snapshot")],
    ["expiry", "C1", { settings: { ttlSpread: 0 } }],
    ["misses", "C2", { settings: { missTtl: 50 } }],
  ])("%s, and %s with it", async (row, property, mutant) => {
    const evidence = await bench([row], { mutant });
    expect(evidence.json.rows[0]).toMatchObject({ id: row, verdict: "violated", rounds: 3 });
    expect(evidence.verdict).toBe("violated");
    expect(evidence.violations).toMatchObject([{ property, layer: "bench" }]);
  });
});

/** Each node's heartbeats after the first are answered as that one, without Redis: no machine is too slow for that. */
const repeated = (): BenchMutant => ({
  store(store) {
    const first = new Map<string, ReturnType<typeof store.heartbeat>>();
    return {
      ...store,
      heartbeat(request, deadline) {
        const answer = first.get(request.node) ?? store.heartbeat(request, deadline);
        first.set(request.node, answer);
        return answer;
      },
    };
  },
});

describe("the rate up to which heartbeats take less than 5 ms", () => {
  it("is high where none takes long, and none where each is slower: that is not held", async () => {
    const [quick] = (await bench(["heartbeat_rate"], { mutant: repeated() })).json.rows;
    expect(quick?.exercised).toBeGreaterThan(0);
    expect(quick?.max ?? 0).toBeGreaterThanOrEqual(2_500);
    const slowed = await bench(["heartbeat_rate"], { mutant: slow(20, "heartbeat") });
    expect(slowed.json.rows[0]).toMatchObject({ median: 0, verdict: "unknown" });
  });
});

describe("a row", () => {
  const measured: readonly ClaimId[] = ["select", "get_node", "cold_start_many", "memory", "wake_ups"];

  it("is measured in at least three rounds, each with what it is about", async () => {
    const evidence = await bench(measured);
    expect(evidence.json.rows.map(({ id }) => id)).toEqual(measured);
    for (const { exercised, max, median, min, rounds } of evidence.json.rows) {
      expect(rounds).toBeGreaterThanOrEqual(3);
      expect(exercised).toBeGreaterThan(0);
      expect(min ?? Number.NaN).toBeLessThanOrEqual(median ?? Number.NaN);
      expect(median ?? Number.NaN).toBeLessThanOrEqual(max ?? Number.NaN);
    }
    expect(evidence.json).toMatchObject({ seed: 11, machine: { redis: expect.stringMatching(/^\d+\.\d+/) } });
  });

  it("that needs a peer is not exercised without it, and says what to pass", async () => {
    const evidence = await bench(["heartbeats", "pairs"], { peers: null });
    expect(evidence.verdict).toBe("not_exercised");
    for (const row of evidence.json.rows) {
      expect(row).toMatchObject({ verdict: "not_exercised", median: null, ratio: null, rounds: 0 });
      expect(row.reason).toMatch(/pass --peers DIR/);
    }
  });

  it("that was cut off has no verdict", async () => {
    const ended = new AbortController();
    const evidence = await bench(["heartbeat", "misses"], {
      signal: ended.signal,
      onProgress: (text) => text.endsWith("round 2") && ended.abort(),
    });
    expect(evidence.verdict).toBe("unknown");
    expect(evidence.json.rows).toMatchObject([
      { id: "heartbeat", verdict: "unknown", rounds: 1 },
      { id: "misses", verdict: "unknown", rounds: 0 },
    ]);
    expect(evidence.reason).toMatch(/^interrupted; /);
  });
});

it("makes the same claims in both profiles on enough rounds", () => {
  for (const { mostRounds, rounds } of Object.values(sizesOf)) {
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(mostRounds).toBeGreaterThanOrEqual(rounds);
  }
});
