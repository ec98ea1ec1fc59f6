import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { chooseNext } from "../../../src/simulate/guided/choose.ts";
import { Corpus } from "../../../src/simulate/guided/corpus.ts";
import { mostBranches, type Recipe } from "../../../src/simulate/plan/branch.ts";

const duration = 1_000;
const recipe = (seed: number): Recipe => ({ seed, branches: [] });

function chosen(corpus: Corpus, count: number): readonly Recipe[] {
  const random = seededRandom(1)("choices");
  let next = 1_000;
  const newSeed = () => next++;
  return Array.from({ length: count }, () => chooseNext({ corpus, random, newSeed, duration }));
}

/** Twenty runs: all were in the first situation, seed 7 alone in the others. */
function corpusOf(rareAt: number): Corpus {
  const corpus = new Corpus();
  for (let seed = 0; seed < 20; seed += 1) {
    const common = [["times degraded x1", 50 + seed]] as const;
    corpus.add(recipe(seed), new Map(seed === 7 ? [...common, ["times gap_found x1", rareAt]] : common));
  }
  return corpus;
}

describe("the choice of the next run", () => {
  it("is a new seed until there is something to compare", () => {
    expect(chosen(new Corpus(), 5)).toEqual([1_000, 1_001, 1_002, 1_003, 1_004].map(recipe));
  });

  it("is mostly a branch from where few runs have been, at that moment", () => {
    const all = chosen(corpusOf(300), 400);
    const branches = all.filter((one) => one.branches.length > 0);
    expect(branches.length).toBeGreaterThan(240);
    expect(branches.length).toBeLessThan(320);
    expect(branches.filter(({ seed }) => seed === 7).length).toBeGreaterThan(branches.length * 0.95);
    const ofRare = branches.flatMap(({ branches: [branch], seed }) =>
      seed === 7 && branch !== undefined ? branch : [],
    );
    for (const { from, how } of ofRare) {
      if (how !== "reordered") expect([0, 300.01]).toContain(from);
      else expect(from).toSatisfy((at: number) => at >= 250 && at <= 300);
    }
    expect(ofRare.filter(({ from }) => from === 300.01).length).toBeGreaterThan(ofRare.length / 3);
    expect(new Set(ofRare.map(({ how }) => how))).toEqual(new Set(["redrawn", "changed", "reordered"]));
    expect(new Set(branches.map(({ branches: [branch] }) => branch?.seed)).size).toBe(branches.length);
  });

  it("leaves out what came so late that nothing can follow", () => {
    expect(chosen(corpusOf(1_200), 200).filter(({ seed }) => seed === 7)).toEqual([]);
  });

  it("takes the highest of the counts of one thing, and not those on the way to it", () => {
    const corpus = new Corpus();
    for (let seed = 0; seed < 10; seed += 1) {
      const counts = [1, 2, 3]
        .slice(0, seed === 7 ? 3 : 2)
        .map((count) => [`times degraded x${count}`, count * 100] as const);
      corpus.add(recipe(seed), new Map(counts));
    }
    const branches = chosen(corpus, 100).filter((one) => one.branches.length > 0);
    expect(branches.length).toBeGreaterThan(50);
    expect(new Set(branches.map(({ seed }) => seed))).toEqual(new Set([7]));
  });

  it("moves on: a situation that every branch is in too is rare no longer", () => {
    const corpus = corpusOf(300);
    for (let nth = 0; nth < 30; nth += 1)
      corpus.add(
        { seed: 7, branches: [{ how: "redrawn", from: 300.01, seed: nth }] },
        new Map([["times gap_found x1", 300]]),
      );
    const branches = chosen(corpus, 400).filter((one) => one.branches.length > 0);
    expect(branches.filter(({ seed }) => seed !== 7).length).toBeGreaterThan(branches.length / 2);
  });

  it("is a new seed where the chain of branches is as long as it may be", () => {
    const corpus = new Corpus();
    const branches = Array.from({ length: mostBranches }, (_, seed) => ({ how: "redrawn", from: seed, seed }) as const);
    for (let seed = 0; seed < 10; seed += 1) corpus.add({ seed, branches }, new Map([["times degraded x1", 50]]));
    expect(chosen(corpus, 50).every((one) => one.branches.length === 0)).toBe(true);
  });
});
