import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Runs } from "../../../../src/check/linear/search/runs.ts";

describe("values in runs", () => {
  it("are those of their steps, in whatever order they are asked for", () => {
    const asked = fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }).chain((values) => {
      return fc.tuple(fc.constant(values), fc.array(fc.nat(values.length - 1), { maxLength: 30 }));
    });
    fc.assert(
      fc.property(asked, ([values, steps]) => {
        const runs = new Runs<number>();
        for (const value of values) runs.push(value);
        for (const step of steps) expect(runs.at(step)).toBe(values[step]);
      }),
    );
  });
});
