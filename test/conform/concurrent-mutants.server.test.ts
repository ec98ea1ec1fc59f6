import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import type { Plan } from "../../src/conform/plan/plan.ts";
import { type ConformEvidence, type ConformOptions, runConform } from "../../src/conform/run.ts";
import { decodeToken } from "../../src/evidence/token.ts";

const { signal } = new AbortController();
const conform = (options: Partial<ConformOptions> & { seed: number; runs: number }): Promise<ConformEvidence> =>
  runConform({ signal, now: () => performance.now(), ...options });

/** What a bug is seen to break first depends on what met it; these show in another property, too. */
const alsoBreaks: Readonly<Record<string, PropertyId>> = {
  // The registration that is taken for a new one may be of a life that has ended.
  "register-not-idempotent": "N1",
  "retry-forgotten-by-epoch": "N1",
};

/** Keys are watched after a batch in which nothing departs from the model: so that one need not be long. */
const runsFor = (property: PropertyId): number => (property === "K1" ? 80 : 600);

describe("a planted bug, under several clients at once,", () => {
  const lengths: number[] = [];

  it.each(scriptMutants)("$id is found, named, shrunk, and replayed from its token", async ({ id, property }) => {
    const found = await conform({ seed: 3, runs: runsFor(property), mutant: id, concurrent: true });
    const [violation] = found.violations;
    expect([property, alsoBreaks[id]]).toContain(violation?.property);
    const plan = decodeToken(violation?.token ?? "").plan as Plan;
    expect(plan.moves.length).toBeLessThanOrEqual(8);
    lengths.push(plan.moves.length);
    const again = await conform({ seed: 3, runs: 1, plan, mutant: id });
    expect(again.violations.map(({ story }) => story)).toEqual([violation?.story]);
    expect((await conform({ seed: 3, runs: 1, plan })).verdict).toBe("held");
  });

  it("needs a handful of moves to be shown", () => {
    expect(lengths).toHaveLength(scriptMutants.length);
    expect([...lengths].sort((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(4);
  });
});
