import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { conform, planOf, soonFound } from "./planted.ts";

/** Another property that a mutant may break first: which one it is depends on the calls that meet the bug. */
const alsoBreaks: Readonly<Record<string, PropertyId>> = {
  // The registration that is taken for a new one may be of a life that has ended.
  "register-not-idempotent": "N1",
  "retry-forgotten-by-epoch": "N1",
  // A job that ends twice makes a change that the model does not make.
  "complete-unchecked": "V1",
  "clamped-at-zero": "V1",
  // By the clock of the server the lease itself is compared within bounds, and as a part of what the script leaves.
  "lease-shortened-by-heartbeat": "K7",
};

/** All that calls one after another cannot show, and every third of the others: `run.server.test.ts` has the rest found that way. */
const chosen = scriptMutants.filter(
  ({ style }, index) => style === "concurrent" || (style === undefined && index % 3 === 0),
);

/** Whether a script reads the clock of its server, so that each run has other times, and another key may depart first. */
const readsClock = (story: readonly string[] = []): boolean => story.some((line) => line.includes('clock "server"'));

describe("a planted bug, under several clients at once,", { tags: ["nightly"] }, () => {
  const lengths: number[] = [];

  it.each(chosen)("$id is found, named, shrunk, and replayed from its token", async ({ id, property }) => {
    const properties = [property, alsoBreaks[id] ?? property];
    const violation = await soonFound({ mutant: id, properties, concurrent: true });
    if (violation === null) throw new Error("no seed found it");
    const plan = planOf(violation);
    lengths.push(plan.moves.length);
    const again = await conform({ seed: 3, runs: 1, plan, mutant: id });
    expect(again.violations.map((one) => one.property)).toContain(violation.property);
    if (!readsClock(violation.story))
      expect(again.violations.map(({ story }) => story)).toContainEqual(violation.story);
    expect((await conform({ seed: 3, runs: 1, plan })).verdict).toBe("held");
  });

  it("needs a handful of moves to be shown", () => {
    expect(lengths).toHaveLength(chosen.length);
    expect([...lengths].sort((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(4);
  });
});
