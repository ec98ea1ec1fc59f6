import { describe, expect, it } from "vitest";
import { equivalentMutants } from "../../scenarios/mutants/equivalent.ts";
import { readMutants } from "../../src/mutate/choose.ts";
import { staleEntries } from "../../src/mutate/equivalence.ts";
import { judgedParts } from "../../src/mutate/mutant.ts";
import { ownRoot } from "../../src/mutate/source/sources.ts";

describe("the list of equivalent mutants", () => {
  it("fits the code as it is now, entry by entry", async () => {
    const { mutants, sources } = await readMutants(ownRoot(), judgedParts);
    const texts = new Map(sources.map(({ path, text }) => [path, text]));
    expect(mutants.length).toBeGreaterThan(2_000);
    expect(staleEntries(equivalentMutants, mutants, texts)).toEqual([]);
    const entry = {
      file: "src/scheduler/jitter.ts",
      operator: "X",
      line: "",
      original: "a",
      replacement: "b",
      why: "",
    };
    expect(staleEntries([entry], mutants, texts)).toEqual(["src/scheduler/jitter.ts X: a -> b, in "]);
  });

  it("says why of each, in a sentence, once", () => {
    for (const { why } of equivalentMutants) expect(why).toMatch(/^\S.{20,}\.$/);
    const changes = equivalentMutants.map(({ why: _, ...change }) => JSON.stringify(change));
    expect(new Set(changes).size).toBe(changes.length);
  });

  it("has mutants with different ids", async () => {
    const { mutants } = await readMutants(ownRoot(), judgedParts);
    const repeated = Map.groupBy(mutants, ({ id }) => id);
    expect([...repeated.values()].filter((same) => same.length > 1).map(([first]) => first)).toEqual([]);
  });
});
