import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { Choices } from "../../../src/simulate/guided/choose.ts";
import { Corpus } from "../../../src/simulate/guided/corpus.ts";
import { mostBranches, type Recipe } from "../../../src/simulate/plan/branch.ts";

const duration = 1_000;
const firstNew = 1_000;
const recipe = (seed: number): Recipe => ({ seed, branches: [] });

function choicesOf(corpus: Corpus): Choices {
  let next = firstNew;
  return new Choices({ corpus, random: seededRandom(1)("choices"), newSeed: () => next++, duration });
}

function chosen(choices: Choices, count: number): readonly Recipe[] {
  return Array.from({ length: count }, () => choices.next());
}

const ofKept = (all: readonly Recipe[]) => all.filter(({ seed }) => seed < firstNew);

/** Thirty runs: all were in the first situation, seed 7 alone in the other. */
function corpusOf(rareAt: number): Corpus {
  const corpus = new Corpus();
  for (let seed = 0; seed < 30; seed += 1) {
    const common = [["times degraded x1", 50 + seed]] as const;
    corpus.add(recipe(seed), new Map(seed === 7 ? [...common, ["times gap_found x1", rareAt]] : common));
  }
  return corpus;
}

describe("the choice of the next run", () => {
  it("is a new seed until there is something to compare, mostly with more faults", () => {
    const all = chosen(choicesOf(new Corpus()), 100);
    expect(all.map(({ seed }) => seed)).toEqual(Array.from({ length: 100 }, (_, index) => firstNew + index));
    const filled = all.filter(({ branches }) => branches.length > 0);
    expect(filled.length).toBeGreaterThan(50);
    expect(filled.length).toBeLessThan(90);
    expect(filled.every(({ branches: [one] }) => one?.how === "changed" && one.from === 0)).toBe(true);
  });

  it("is a new seed in half of the runs, and else a branch from where few have been, around that moment", () => {
    const kept = ofKept(chosen(choicesOf(corpusOf(300)), 400));
    expect(kept.length).toBeGreaterThan(160);
    expect(kept.length).toBeLessThan(240);
    const ofRare = kept.flatMap(({ branches: [branch], seed }) => (seed === 7 && branch !== undefined ? branch : []));
    expect(ofRare.length).toBeGreaterThan(kept.length * 0.95);
    for (const { from, how } of ofRare) {
      if (how !== "reordered") expect(from).toBe(300.01);
      else expect(from).toSatisfy((at: number) => at >= 250 && at <= 300);
    }
    expect(new Set(ofRare.map(({ how }) => how))).toEqual(new Set(["redrawn", "changed", "reordered"]));
    expect(new Set(ofRare.map(({ seed }) => seed)).size).toBe(ofRare.length);
  });

  it("leaves out what came so late that nothing can follow", () => {
    expect(ofKept(chosen(choicesOf(corpusOf(1_200)), 200)).filter(({ seed }) => seed === 7)).toEqual([]);
  });

  it("takes the highest of the counts of one thing, and not those on the way to it", () => {
    const corpus = new Corpus();
    for (let seed = 0; seed < 30; seed += 1) {
      const counts = [1, 2, 3].slice(0, seed === 7 ? 3 : 2);
      corpus.add(recipe(seed), new Map(counts.map((count) => [`times degraded x${count}`, count * 100] as const)));
    }
    const kept = ofKept(chosen(choicesOf(corpus), 100));
    expect(kept.length).toBeGreaterThan(30);
    expect(new Set(kept.map(({ seed }) => seed))).toEqual(new Set([7]));
  });

  it("moves on: a situation that every branch is in too is rare no longer", () => {
    const corpus = corpusOf(300);
    for (let nth = 0; nth < 60; nth += 1)
      corpus.add(
        { seed: 7, branches: [{ how: "redrawn", from: 300.01, seed: nth }] },
        new Map([["times gap_found x1", 300]]),
      );
    const kept = ofKept(chosen(choicesOf(corpus), 400));
    expect(kept.filter(({ seed }) => seed !== 7).length).toBeGreaterThan(kept.length / 2);
  });

  it("is a new seed where the chain of branches is as long as it may be", () => {
    const corpus = new Corpus();
    const branches = Array.from({ length: mostBranches }, (_, seed) => ({ how: "redrawn", from: seed, seed }) as const);
    for (let seed = 0; seed < 30; seed += 1) corpus.add({ seed, branches }, new Map([["times degraded x1", 50]]));
    expect(ofKept(chosen(choicesOf(corpus), 50))).toEqual([]);
  });
});

describe("something that never happened before", () => {
  it.each([
    ["a block that never ran", "block a.ts:1:1", 8],
    ["what never happened", "times lost x1", 8],
    ["what happened once more", "times degraded x2", 0],
    ["another order", "after a after b", 0],
  ])("gets branches at once where it is %s", (_, situation, count) => {
    const corpus = corpusOf(300);
    const choices = choicesOf(corpus);
    choices.found(corpus.add(recipe(99), new Map([[situation, 400]])));
    const kept = ofKept(chosen(choices, 14)).filter(
      ({ seed, branches }) => seed === 99 && (branches[0]?.from ?? 0) >= 350,
    );
    if (count === 0) expect(kept.length).toBeLessThan(8);
    else expect(kept.length).toBeGreaterThanOrEqual(count);
  });

  it("is followed from its latest find first", () => {
    const corpus = corpusOf(300);
    const choices = choicesOf(corpus);
    choices.found(corpus.add(recipe(98), new Map([["block a.ts:1:1", 400]])));
    choices.found(corpus.add(recipe(99), new Map([["block b.ts:1:1", 500]])));
    const seeds = ofKept(chosen(choices, 24)).map(({ seed }) => seed);
    const meanPlaceOf = (wanted: number): number => {
      const places = seeds.flatMap((seed, place) => (seed === wanted ? place : []));
      return places.reduce((sum, place) => sum + place, 0) / places.length;
    };
    expect(meanPlaceOf(99)).toBeLessThan(meanPlaceOf(98));
  });

  it("gets none among the first runs, where most is new", () => {
    const corpus = new Corpus();
    const choices = choicesOf(corpus);
    choices.found(corpus.add(recipe(1), new Map([["block a.ts:1:1", 400]])));
    expect(ofKept(chosen(choices, 10))).toEqual([]);
  });
});
