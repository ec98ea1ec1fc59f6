import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tailOf } from "../../../src/check/timing/tail.ts";

describe("a tail", () => {
  it("says of each value that it keeps which share is at least so large, the largest and the smallest among them", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 500 }), (values) => {
        const tail = tailOf(values);
        expect(tail.at(-1)?.[0]).toBe(Math.max(...values));
        expect(tail[0]).toEqual([Math.min(...values), 1]);
        for (const [value, share] of tail) {
          // The share of a value may leave out some of the values that equal it.
          expect(share).toBeLessThanOrEqual(values.filter((other) => other >= value).length / values.length);
          expect(share).toBeGreaterThan(values.filter((other) => other > value).length / values.length);
        }
      }),
    );
  });

  it("stays short however many values there are", () => {
    expect(tailOf(Array.from({ length: 1_000_000 }, (_, index) => index)).length).toBeLessThan(300);
  });

  it("is nothing of nothing", () => {
    expect(tailOf([])).toEqual([]);
  });
});
