import { describe, expect, it } from "vitest";
import type { ObservedChange } from "../../src/check/observed/observation.ts";
import { dump, entry, job, judgedBy, node, registered, trialOf } from "../check/trials.ts";

const ends = (orphaned?: readonly string[], kind: "offline" | "expired" = "offline"): ObservedChange => ({
  kind,
  node: "n1",
  ...(orphaned && { orphaned }),
});
const again = (orphaned: readonly string[]): ObservedChange =>
  ({ ...registered("n1", "e1:4"), orphaned }) as ObservedChange;

describe("F1 of the losses that the feed names", () => {
  const judged = (change: ObservedChange) => {
    const placed = [entry(2, job("reserved", "a", 1)), entry(3, job("reserved", "b", 2))];
    const observations = [dump(0, []), entry(1, registered()), ...placed, entry(4, change)];
    return judgedBy("F1", trialOf({ observations })).violations.map(([first]) => first);
  };

  it.each([
    ["names them in any order", ends(["b", "a"])],
    ["was recorded before losses were", ends()],
    ["names them of a new incarnation", again(["a", "b"])],
  ])("is held where a change %s", (_, change) => {
    expect(judged(change)).toEqual([]);
  });

  it.each([
    ["leaves one out", ends(["a"]), "a lost their places, allowed is what had them: a, b"],
    ["names another", ends(["a", "c"], "expired"), "a, c lost their places"],
    ["names one twice", ends(["a", "a"]), "a, a lost their places"],
    ["says nothing of those of the incarnation before", again([]), "no jobs lost their places"],
  ])("is violated where a change %s", (_, change, found) => {
    expect(judged(change)).toEqual([expect.stringContaining(found)]);
  });

  it("says nothing of a node that was not seen before", () => {
    const observations = [
      dump(0, [[node(0, { version: { epoch: "e0", sequence: 9 } }), []]]),
      entry(1, { kind: "offline", node: "n2", orphaned: ["x"] }),
    ];
    expect(judgedBy("F1", trialOf({ observations })).violations).toEqual([]);
  });
});
