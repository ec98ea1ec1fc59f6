/** The search over the object `scheduler` against an oracle that tries everything, on 2,000 small histories. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schedulerNode } from "../../../../src/check/linear/scheduler/scheduler-node.ts";
import { judgeByWindow } from "../../../../src/check/linear/search/windowed.ts";
import { type MadeNode, madeNodes } from "./made-histories.ts";
import { isExplained } from "./oracle.ts";

const unlimited = { configurations: 1_000_000, outOfTime: () => false };
const made = fc.sample(madeNodes(7), { numRuns: 2_000, seed: 20 });

const judged = ({ facts, history }: MadeNode) => judgeByWindow(schedulerNode(facts), history, unlimited).verdict;

/** What an answer shows later of a state that the store goes back to is not used: then the judge may be too mild, never too strict. */
const isMild = ({ facts: { hasUnnamed, losses } }: MadeNode): boolean => hasUnnamed && losses.length > 0;

const results = made.map((one) => ({
  one,
  found: judged(one),
  expected: isExplained(one.facts, one.history) ? "held" : "violated",
}));

describe("2,000 small histories of a node", () => {
  it("are judged as by the oracle that tries every order, every own change and every beginning", () => {
    const wrong = results.filter(
      ({ expected, found, one }) => found !== expected && !(found === "held" && isMild(one)),
    );
    expect(wrong.slice(0, 3)).toEqual([]);
    const mild = results.filter(({ expected, found }) => found !== expected);
    expect(mild.length).toBeLessThan(10);
  });

  it("are possible and impossible ones, a quarter of each at least", () => {
    expect(results.filter(({ expected }) => expected === "held").length).toBeGreaterThan(500);
    expect(results.filter(({ expected }) => expected === "violated").length).toBeGreaterThan(500);
  });

  it("hold what was played and not spoilt", () => {
    const right = results.filter(({ one }) => !one.isSpoilt);
    expect(right.length).toBeGreaterThan(500);
    expect(right.filter(({ found }) => found !== "held")).toEqual([]);
  });
});
