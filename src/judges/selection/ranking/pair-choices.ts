/**
 * Whether each place of an answer has the better of two candidates that were drawn, where all candidates are known. Then the chance of each is known too:
 * one that is worse than all others has none, and sequential tests bet on what else a scheduler may do.
 */
import { type Candidate, candidateText, chanceOf, rankOf } from "./rank.ts";
import { SequentialTest, threshold } from "./sequential-test.ts";

/** The share of the wealth that is bet on each choice. */
const stake = 0.5;
/** The favourites of so many candidates are looked for, at a cost that grows with their square. */
const mostFavourites = 64;
/** Choices that count as made before the first, as often as expected. */
const prior = 2;
/** Limit on the places of an answer that are looked at. */
const mostPlaces = 8;

type Chance = (chosen: Candidate, candidates: readonly Candidate[]) => number;

/** Another way to choose, and how likely it makes a choice. */
const ways: readonly (readonly [text: string, chance: Chance])[] = [
  ["the best of all", best(rankOf)],
  ["the healthiest of all", best(({ healthMilli }) => healthMilli)],
  ["the best of three", ofThree],
  ["any of them", (_, { length }) => 1 / length],
  ["the better of two, without its own places", ofTwo((one) => rankOf({ ...one, own: 0 }))],
  ["the better of two by health alone", ofTwo(({ healthMilli }) => healthMilli)],
  ["the better of two by load alone", ofTwo((one) => rankOf({ ...one, healthMilli: 0 }))],
];

function best(rank: (one: Candidate) => number): Chance {
  return (chosen, candidates) => {
    const own = rank(chosen);
    let equals = 0;
    for (const one of candidates) {
      const its = rank(one);
      if (its > own) return 0;
      if (its === own) equals += 1;
    }
    return 1 / equals;
  };
}

function ofThree(chosen: Candidate, candidates: readonly Candidate[]): number {
  const count = candidates.length;
  if (count < 3) return ofTwo(rankOf)(chosen, candidates);
  const own = rankOf(chosen);
  const worse = candidates.filter((one) => rankOf(one) < own).length;
  const equal = candidates.filter((one) => one !== chosen && rankOf(one) === own).length;
  const pairs = (worse * (worse - 1)) / 2 + (worse * equal) / 2 + (equal * (equal - 1)) / 6;
  return (6 * pairs) / (count * (count - 1) * (count - 2));
}

function ofTwo(rank: (one: Candidate) => number): Chance {
  return (chosen, candidates) => chanceOf(chosen, candidates, rank);
}

class AnotherWay extends SequentialTest {
  readonly #chance: Chance;

  constructor(chance: Chance) {
    super();
    this.#chance = chance;
  }

  /** @param fair how likely the choice is by what is documented, above 0 */
  compare(chosen: Candidate, candidates: readonly Candidate[], fair: number): void {
    const own = this.#chance(chosen, candidates);
    this.settle(1 - stake + (stake * own) / fair, own > fair);
  }
}

/** Bets on those that have been chosen more often than they should have been, and against those that have been chosen less often. */
class Favourites extends SequentialTest {
  readonly #counts = new Map<string, { expected: number; found: number }>();

  compare(chosen: Candidate, candidates: readonly Candidate[], fair: number): void {
    if (candidates.length > mostFavourites) return;
    let sum = 0;
    let own = 0;
    for (const one of candidates) {
      const chance = one === chosen ? fair : chanceOf(one, candidates);
      const count = this.#counts.get(one.node) ?? { expected: prior, found: prior };
      this.#counts.set(one.node, count);
      sum += (chance * count.found) / count.expected;
      if (one === chosen) own = count.found / count.expected;
      count.expected += chance;
    }
    const count = this.#counts.get(chosen.node);
    if (count !== undefined) count.found += 1;
    this.settle(1 - stake + (stake * own) / sum, own > sum);
  }
}

type Test = AnotherWay | Favourites;

const waysOfOne = (): readonly { readonly text: string; readonly test: Test }[] => [
  ...ways.map(([text, chance]) => ({ text, test: new AnotherWay(chance) })),
  { text: "some nodes more often than others", test: new Favourites() },
];

export class PairChoices {
  readonly #ofOwn = new Map<number, ReturnType<typeof waysOfOne>>();
  readonly #ofAll = waysOfOne();
  /** Choices among two or more. */
  compared = 0;

  /** @param candidates all of one pool from which the first was chosen
   * @param chosen in order, as far as they are of that pool
   * @returns what could not be chosen; null: all could
   */
  chose(instance: number, candidates: readonly Candidate[], chosen: readonly string[]): string | null {
    let left = candidates;
    for (const node of chosen.slice(0, mostPlaces)) {
      const one = left.find((each) => each.node === node);
      if (one === undefined) return null;
      const impossible = this.#compare(instance, one, left);
      if (impossible !== null) return impossible;
      left = left.filter((each) => each !== one);
    }
    return null;
  }

  #compare(instance: number, one: Candidate, left: readonly Candidate[]): string | null {
    if (left.length < 2) return null;
    this.compared += 1;
    const fair = chanceOf(one, left);
    if (fair === 0) {
      const better = left.find((other) => other !== one);
      return `node ${candidateText(one)}, allowed none that is worse than all the other ${left.length - 1} candidates, as than ${better === undefined ? "" : candidateText(better)}`;
    }
    const tests = this.#ofOwn.get(instance) ?? waysOfOne();
    this.#ofOwn.set(instance, tests);
    for (const { test } of [...tests, ...this.#ofAll]) test.compare(one, left, fair);
    return null;
  }

  /** An explanation for each instance that chooses in another way; for all together where there is none. */
  *rejections(): Generator<readonly string[]> {
    let count = 0;
    for (const [instance, tests] of this.#ofOwn) {
      const rejecting = tests.find(({ test }) => test.report());
      if (rejecting === undefined) continue;
      count += 1;
      yield explained(`instance ${instance}`, rejecting);
    }
    const ofAll = count === 0 ? this.#ofAll.find(({ test }) => test.report()) : undefined;
    if (ofAll !== undefined) yield explained("the instances together", ofAll);
  }
}

function explained(who: string, { test, text }: { readonly text: string; readonly test: SequentialTest }) {
  return [
    `${who} chose ${text}, by ${test.comparisons} choices, allowed the better of two that are drawn: that does so once in ${threshold.toExponential(0)} runs`,
    `${test.right} of these choices were likelier that way; the rank is health less the share of places taken`,
  ];
}
