import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equal } from "../../../model/partition/equal.ts";

/** The model's values: plain records, and maps of them by a name. */
const values = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((record) => ({ record, map: new Map(Object.entries(record)) }));

describe("equal", () => {
  it("is true of a value and its copy", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(equal(value, structuredClone(value))).toBe(true);
      }),
    );
  });

  it("does not mind the order of keys", () => {
    expect(equal({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(equal(new Map(Object.entries({ a: 1, b: 2 })), new Map(Object.entries({ b: 2, a: 1 })))).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [1, 2],
    [1, "1"],
    [null, {}],
    [{}, null],
    [[], {}],
    [["a"], { 0: "a" }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: 2 }],
    [{ a: undefined }, { b: undefined }],
    [new Map(), {}],
    [{}, new Map()],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Map([["a", 1]]), new Map([["b", 1]])],
  ])("is false of %j and %j (%#)", (a, b) => {
    expect(equal(a, b)).toBe(false);
  });
});
