/** A harness that is late accuses no scheduler of it. */
import { describe, expect, it } from "vitest";
import { phaseAt } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { decidedProperties, judge } from "../../../src/judges/recorded/judges.ts";
import { recorded } from "../../check/evidence/recorded.ts";
import { drawnPauses, late, lateAfterwards, timely } from "./late-harness.ts";

const violatedIn = (trial: Trial): readonly PropertyId[] =>
  decidedProperties.filter((property) => judge(property, trial).verdict === "violated");

/** @param draws seeds of the pauses */
async function accused(name: string, seed: number, draws: readonly number[]): Promise<readonly string[]> {
  const trial = timely(await recorded(name, seed));
  const before = violatedIn(trial);
  const drawn = draws.map((draw) => [draw, drawnPauses(trial, draw)] as const);
  expect(drawn.flatMap(([, pauses]) => pauses)).not.toEqual([]);
  return drawn.flatMap(([draw, pauses]) => {
    const atTheEnd = phaseAt(trial.history, "quiet") + 130;
    const recordedLate = lateAfterwards(late(trial, pauses), { from: atTheEnd, to: atTheEnd + 700 });
    const wrong = violatedIn(recordedLate).filter((property) => !before.includes(property));
    return wrong.map((property) => `${property} by pauses ${draw}`);
  });
}

describe("a harness that pauses now and then", () => {
  it.each(["node-churn", "leases-end", "avalanche"])("accuses no right run of %s", async (name) => {
    expect(await accused(name, 2, [0])).toEqual([]);
  });

  const others = ["redis-gone", "reply-lost", "random-nemesis", "instance-crash", "long-jobs", "redis-refuses"];
  it.each(others)("accuses no right run of %s, at many moments", { tags: ["nightly"] }, async (name) => {
    for (const seed of [3, 4]) expect(await accused(name, seed, [0, 1, 4, 5])).toEqual([]);
  });
});
