import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimIds, claims, claimsOf } from "../../src/bench/claims.ts";
import { Latencies } from "../../src/bench/measure/latencies.ts";
import { burstOf } from "../../src/bench/rows/expiry.ts";
import { mostWithin } from "../../src/bench/rows/misses.ts";
import { Stalls } from "../../src/check/timing/stall.ts";

describe("latencies of a round", () => {
  const of = (values: readonly number[]): Latencies => {
    const latencies = new Latencies();
    for (const value of values) latencies.add(100, 100 + value);
    return latencies;
  };

  it("have their percentile by rank, to three digits", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 300 }), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const ranked = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
        expect(Math.abs(of(values).at(99) / ranked - 1)).toBeLessThan(0.002);
      }),
    );
  });

  it("count what was not answered as slower than anything, so that failing fast is no speed", () => {
    const latencies = of([1, 1, 1]);
    latencies.addUnanswered();
    expect(latencies.count).toBe(4);
    expect(latencies.at(99)).toBeGreaterThan(50_000);
  });

  it("exclude the time for which the process was paused, and no other", () => {
    const latencies = of([30]);
    const stalled = (since: number, at: number) => new Stalls([{ kind: "stall", since, at, lasted: at - since }]);
    expect(latencies.adjustedAt(99, stalled(105, 125))).toBeCloseTo(10, 1);
    expect(latencies.adjustedAt(99, stalled(200, 300))).toBeCloseTo(30, 1);
  });

  it("are no number where there are none", () => expect(new Latencies().at(99)).toBeNaN());
});

describe("the burst of operations", () => {
  it("is 1 for operations spread evenly, and the number of slices for all of them at once", () => {
    const even = Array.from({ length: 120 }, (_, index) => 10 + index / 10);
    expect(burstOf(even, 10, 22)).toBeCloseTo(1, 5);
    expect(burstOf([15, 15, 15], 10, 22)).toBe(12);
  });

  it("leaves out what was sent before and after", () => {
    expect(burstOf([1, 2, 3, 15, 99], 10, 22)).toBe(12);
    expect(burstOf([], 10, 22)).toBeNaN();
  });
});

describe("the most requests within a TTL", () => {
  it.each([
    [[0, 100, 200], 100, 1],
    [[0, 99, 200], 100, 2],
    [[0, 1, 2, 500], 100, 3],
    [[], 100, 0],
  ])("of %j within %i ms is %i", (times, span, most) => expect(mostWithin(times, span)).toBe(most));

  it("is what counting every window would give", () => {
    const inOrder = fc.array(fc.integer({ min: 0, max: 1_000 })).map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(inOrder, fc.integer({ min: 1, max: 300 }), (times, span) => {
        const windows = times.map((from) => times.filter((at) => at >= from && at < from + span).length);
        expect(mostWithin(times, span)).toBe(Math.max(0, ...windows));
      }),
    );
  });
});

describe("the rows", () => {
  it("carry their id, and a figure of their own", () => {
    expect(claimIds.map((id) => claims[id].id)).toEqual([...claimIds]);
    expect(new Set(claimIds.map((id) => claims[id].figure)).size).toBe(claimIds.length);
  });

  it("settle B1, B2, B3, C1 and C2 in the quick profile, without a peer", () => {
    const quick = claimsOf("quick").map((id) => claims[id]);
    const settled = quick.map((claim) => ("property" in claim ? claim.property : null));
    expect(settled.toSorted()).toEqual(["B1", "B1", "B2", "B3", "C1", "C2"]);
    expect(quick.filter((claim) => "peer" in claim)).toEqual([]);
    expect(claimsOf("full")).toEqual(claimIds);
  });
});
