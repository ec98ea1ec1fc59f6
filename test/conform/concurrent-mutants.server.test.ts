import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { conform, planOf, propertiesOf, soonFound } from "./planted.ts";

/** All that calls one after another cannot show, and every third of the others: `run.server.test.ts` has the rest found that way. */
const chosen = scriptMutants.filter(
  ({ style }, index) => style === "concurrent" || (style === undefined && index % 3 === 0),
);

/** Whether a script reads the clock of its server, so that each run has other times, and another key may depart first. */
const readsClock = (story: readonly string[] = []): boolean => story.some((line) => line.includes('clock "server"'));

describe("a planted bug, under several clients at once,", { tags: ["nightly"] }, () => {
  const lengths: number[] = [];

  it.each(chosen)("$id is found, named, shrunk, and replayed from its token", async (mutant) => {
    const { id } = mutant;
    const violation = await soonFound({ mutant: id, properties: propertiesOf(mutant), concurrent: true });
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
