/** The search over the object `scheduler` against an oracle that tries everything, on 2,000 small histories. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeNodeCalls } from "../../../../src/check/linear/scheduler/judge.ts";
import { judgeByWindow } from "../../../../src/check/linear/search/windowed.ts";
import { type MadeNode, madeNodes } from "./made-histories.ts";
import { explains } from "./oracle.ts";

const unlimited = { configurations: 1_000_000, outOfTime: () => false };

/** Those that are too large for the oracle are left out. */
const judged = (some: readonly MadeNode[], most = Number.POSITIVE_INFINITY) =>
  some.flatMap((one) => {
    const { facts, history } = one;
    const isPossible = explains(facts, history, most);
    if (isPossible === null) return [];
    const { verdict: found } = judgeNodeCalls(facts, (object) => judgeByWindow(object, history, unlimited));
    return [{ one, found, expected: isPossible ? "held" : "violated" }];
  });

const results = judged(fc.sample(madeNodes(7), { numRuns: 2_000, seed: 20 }));

describe("2,000 small histories of a node", () => {
  it("are judged as by the oracle that tries every order, every own change and every beginning", () => {
    const wrong = results.filter(({ expected, found }) => found !== expected && found !== "unknown");
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(results.filter(({ found }) => found === "unknown").length).toBeLessThan(10);
  });

  it("are possible and impossible ones, a quarter of each at least", () => {
    expect(results.filter(({ expected }) => expected === "held").length).toBeGreaterThan(500);
    expect(results.filter(({ expected }) => expected === "violated").length).toBeGreaterThan(500);
  });

  it("hold what was played and not spoilt", () => {
    const right = results.filter(({ one }) => !one.isSpoilt);
    expect(right.length).toBeGreaterThan(500);
    expect(right.filter(({ found }) => found !== "held" && found !== "unknown")).toEqual([]);
  });
});

describe("small histories that begin in the middle and have losses", () => {
  const mixed = judged(fc.sample(madeNodes(7, true), { numRuns: 300, seed: 5 }), 5_000);

  it("are never held where the oracle finds no order, nor violated where it finds one", () => {
    const wrong = mixed.filter(({ expected, found }) => found !== expected && found !== "unknown");
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it("are seldom left open, possible and impossible ones", () => {
    expect(mixed.length).toBeGreaterThan(250);
    expect(mixed.filter(({ found }) => found === "unknown").length).toBeLessThan(30);
    expect(mixed.filter(({ expected }) => expected === "violated").length).toBeGreaterThan(10);
  });
});
