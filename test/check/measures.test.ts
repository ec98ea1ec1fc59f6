import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conclude, fewExplanations } from "../../src/check/judgement.ts";
import { distributionOf, Latencies } from "../../src/check/timing/distribution.ts";
import { Stalls } from "../../src/check/timing/stall.ts";
import { stall } from "./trials.ts";

describe("a distribution", () => {
  it("names values that were measured, in order, and none below its share", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
        const found = distributionOf(values);
        expect(found?.max).toBe(Math.max(...values));
        const latencies = new Latencies();
        for (const value of values) latencies.add(value);
        expect(latencies.distribution).toEqual(found);
        for (const [share, value] of [
          [0.5, found?.p50],
          [0.95, found?.p95],
          [0.99, found?.p99],
        ] as const) {
          expect(values).toContain(value);
          expect(values.filter((each) => each <= (value ?? -1)).length).toBeGreaterThanOrEqual(share * values.length);
        }
      }),
    );
  });

  it("is nothing for no values", () => {
    expect(distributionOf([])).toBeNull();
    expect(new Latencies().distribution).toBeNull();
  });
});

describe("time that the process paused", () => {
  const history = [stall(100, 20), stall(200, 50)];

  it.each([
    [0, 300, 70],
    [0, 100, 0],
    [110, 130, 10],
    [120, 200, 0],
    [210, 220, 10],
    [90, 210, 30],
  ])("from %d to %d is %d", (from, to, expected) => {
    expect(new Stalls(history).within(from, to)).toBe(expected);
  });

  it("never exceeds the time asked about, nor what was recorded", () => {
    const gaps = fc.array(fc.record({ rest: fc.nat(50), lasted: fc.integer({ min: 1, max: 80 }) }), { maxLength: 20 });
    fc.assert(
      fc.property(gaps, fc.nat(1_000), fc.nat(500), (list, from, span) => {
        let at = 0;
        const stalls = list.map(({ rest, lasted }) => {
          at += rest + lasted;
          return stall(at - lasted, lasted);
        });
        const within = new Stalls(stalls).within(from, from + span);
        expect(within).toBeGreaterThanOrEqual(0);
        expect(within).toBeLessThanOrEqual(span);
        expect(within).toBeLessThanOrEqual(list.reduce((sum, { lasted }) => sum + lasted, 0));
      }),
    );
  });
});

describe("a verdict", () => {
  const tally = { property: "D1", premise: "it happened", violations: [], exercised: 1_000 } as const;

  it.each([
    ["held", {}],
    ["violated", { violations: [["x"]], unjudged: 900 }],
    ["violated", { violations: [["x"]], exercised: 0 }],
    ["not_exercised", { exercised: 0, unjudged: 1 }],
    ["held", { unjudged: 5 }],
    ["unknown", { unjudged: 6 }],
    ["held", { unjudged: 6, judged: 2_000 }],
  ] as const)("is %s for %o", (verdict, parts) => {
    expect(conclude({ ...tally, ...parts }).verdict).toBe(verdict);
  });

  it("says why it is not one", () => {
    expect(conclude({ ...tally, exercised: 0 }).reason).toBe("never happened: it happened");
    expect(conclude({ ...tally, unjudged: 6 }).reason).toContain("6 of 1000 could not be judged");
  });

  it("tells a few stories and counts the rest", () => {
    const reported = fewExplanations(Array.from({ length: 9 }, (_, index) => [`story ${index}`]));
    expect(reported.at(-1)).toEqual(["and 4 more like these"]);
    expect(reported).toHaveLength(6);
  });
});
