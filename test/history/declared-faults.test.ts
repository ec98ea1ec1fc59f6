import { describe, expect, it } from "vitest";
import { lackingFaults } from "../../src/check/faults/windows.ts";
import { withDeclaredLengths } from "../../src/history/trial/declared-faults.ts";
import { faultFrom } from "../check/trials.ts";

/** The first fault of redis-gone is a black hole of 700 ms. */
const of = (until: number) => faultFrom(800, until, { name: "redis_blackhole" });
const lacks = (until: number, head: Parameters<typeof withDeclaredLengths>[1]) =>
  lackingFaults({ history: withDeclaredLengths(of(until), head), instances: 1 });

describe("a history without the declared durations of its faults", () => {
  it("takes them from the scenario that it names", () => {
    expect(lacks(1_500, { scenario: "redis-gone" })).toEqual([]);
    expect(lacks(814, { scenario: "redis-gone" })).toEqual([expect.stringMatching(/in force for 14 ms/)]);
  });

  it("takes none from another scenario, nor for drawn faults", () => {
    expect(lacks(814, { scenario: "steady" })).toEqual([]);
    expect(lacks(814, { scenario: "unknown-scenario" })).toEqual([]);
    expect(lacks(814, { scenario: "redis-gone", drawn: {} })).toEqual([]);
  });

  it("keeps durations that it has", () => {
    const complete = of(814).map((step) => ({ ...step, lasts: 14 }));
    expect(withDeclaredLengths(complete, { scenario: "redis-gone" })).toEqual(complete);
  });
});
