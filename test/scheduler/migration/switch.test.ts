import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyKey, placeOf, sideOf } from "../../../src/scheduler/migration/switch.ts";

const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const salt = fc.string({ maxLength: 10 });
const share = fc.integer({ min: 0, max: everyKey });

const ids = (prefix: string) => Array.from({ length: 10_000 }, (_, index) => `${prefix}${index}`);
const moved = (keys: readonly string[], upTo: number, by = "s") =>
  keys.filter((one) => sideOf(one, by, upTo) === "next");

describe("the switch", () => {
  it("moves no key at 0 and every key at the end", () => {
    fc.assert(
      fc.property(key, salt, (one, by) => {
        expect(sideOf(one, by, 0)).toBe("legacy");
        expect(sideOf(one, by, everyKey)).toBe("next");
      }),
    );
  });

  it("only adds keys when the share grows, and takes them back in reverse when it falls", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), salt, share, share, (keys, by, one, other) => {
        const [less, more] = [moved(keys, Math.min(one, other), by), moved(keys, Math.max(one, other), by)];
        expect(more).toEqual(expect.arrayContaining([...less]));
      }),
    );
  });

  it("flips a key once while the share goes from nothing to everything: at its place", () => {
    fc.assert(
      fc.property(key, salt, (one, by) => {
        const place = placeOf(one, by);
        expect(place).toSatisfy((at: number) => Number.isInteger(at) && at >= 0 && at < everyKey);
        expect(sideOf(one, by, place)).toBe("legacy");
        expect(sideOf(one, by, place + 1)).toBe("next");
      }),
    );
  });

  it.each(["node-", "", "very-long-prefix-of-a-cluster-in-some-region/node:", "ж"])(
    "moves the share that was asked for, also of names that are alike (%s0, …)",
    (prefix) => {
      for (const upTo of [100, 1_000, 2_500, 5_000, 9_000]) {
        const expected = (upTo / everyKey) * 10_000;
        const spread = Math.sqrt(expected * (1 - upTo / everyKey));
        expect(Math.abs(moved(ids(prefix), upTo).length - expected)).toBeLessThan(5 * spread);
      }
    },
  );

  it("takes other keys first under another salt", () => {
    const [one, other] = [new Set(moved(ids("n"), 1_000, "a")), moved(ids("n"), 1_000, "b")];
    expect(other.filter((id) => one.has(id)).length).toBeLessThan(200); // 100 by chance
  });

  it("never changes: a restart or another version must not flip a key", () => {
    expect(["node-1", "node-2", "ü", "{a}:b"].map((one) => placeOf(one, "lockproof"))).toMatchInlineSnapshot(`
      [
        9249,
        9093,
        1955,
        1689,
      ]
    `);
  });
});
