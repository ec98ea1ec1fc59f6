/**
 * Chooses the next run: a new seed, or a branch from a kept run, around the moment at which it came into a situation.
 *
 * A new situation gets some branches at once: they show where it may lead, and a new one that they find gets branches
 * of its own first. In between, a rare situation is picked. Most branches are in it too, so it becomes less rare, and
 * others have their turn. The share of new seeds bounds the loss where nothing that was reached helps.
 */
import { between, chance, pick, pickWeighted } from "../../load/plan/random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import { type Branch, mostBranches, type Recipe } from "../plan/branch.ts";
import { type Corpus, familyOf, type Known } from "./corpus.ts";
import { type Family, families } from "./coverage.ts";

/** How often a family is looked at for a rare situation, beside the others. */
const weights: Readonly<Record<Family, number>> = { block: 8, times: 8, after: 2, under: 1, judged: 1 };

const shareOfNewSeeds = 0.5;
/** The share of new seeds with faults in their pauses: a situation that takes several faults then needs fewer runs. */
const shareOfFilledSeeds = 0.7;
/** Before so many runs most of what happens is new, and says little. */
const begunWith = 20;
/** Branches from something that never happened before. */
const burst = 8;
const shareOfBursts = 0.8;

const ways: readonly (readonly [Branch["how"], number])[] = [
  ["redrawn", 2],
  ["changed", 2],
  ["reordered", 1],
];
/** A reordered run begins to differ up to so long before the moment: what led to it may then come in another order. */
const before: Millis = 50;
/** Virtual time passes in ticks of so many ms: the next moment is later than what happened. */
const tick: Millis = 0.01;

export interface ChoiceOptions {
  readonly corpus: Corpus;
  readonly random: Random;
  /** The next seed that was not run. */
  readonly newSeed: () => number;
  /** The length of a run's load. */
  readonly duration: Millis;
}

/** Situations of one run that never were before, and how many branches from them are left. */
interface Burst {
  readonly found: readonly Known[];
  left: number;
}

export class Choices {
  readonly #options: ChoiceOptions;
  /** The latest first: it is the furthest. */
  readonly #bursts: Burst[] = [];

  constructor(options: ChoiceOptions) {
    this.#options = options;
  }

  next(): Recipe {
    const { corpus, newSeed, random } = this.#options;
    if (corpus.runs >= begunWith) {
      const parent = this.#ofBurst() ?? (chance(random, shareOfNewSeeds) ? null : this.#rare());
      if (parent !== null && parent.recipe.branches.length < mostBranches) return this.#branchOf(parent);
    }
    const seed = random.nextUint32();
    const isFilled = chance(random, shareOfFilledSeeds);
    return { seed: newSeed(), branches: isFilled ? [{ how: "changed", from: 0, seed }] : [] };
  }

  /** @param situations that no run was in before this one */
  found(situations: readonly string[]): void {
    const { corpus, duration } = this.#options;
    if (corpus.runs <= begunWith) return;
    const found = situations.filter(isSomethingNew).flatMap((situation) => corpus.situations.get(situation) ?? []);
    const open = found.filter(({ at }) => at < duration);
    if (open.length > 0) this.#bursts.push({ found: open, left: burst });
  }

  #ofBurst(): Known | null {
    const { random } = this.#options;
    const last = this.#bursts.at(-1);
    if (last === undefined || !chance(random, shareOfBursts)) return null;
    last.left -= 1;
    if (last.left === 0) this.#bursts.pop();
    return pick(random, last.found);
  }

  /** @returns null where no situation leaves time for anything to follow */
  #rare(): Known | null {
    const { corpus, duration, random } = this.#options;
    const some = families.filter((one) => corpus.ofFamily(one).length > 0);
    if (some.length === 0) return null;
    const family = pickWeighted(
      random,
      some.map((one) => [one, weights[one]] as const),
    );
    const candidates = corpus.frontierOf(family).flatMap((situation) => {
      const known = corpus.situations.get(situation);
      if (known === undefined || known.at >= duration) return [];
      return [[known, weightOf(known, duration)] as const];
    });
    return candidates.length === 0 ? null : pickWeighted(random, candidates);
  }

  #branchOf({ at, recipe }: Known): Recipe {
    const { random } = this.#options;
    const how = pickWeighted(random, ways);
    const moment = how === "reordered" ? at - between(random, [0, before]) : at + tick;
    const from = Math.max(0, Math.round(moment * 100) / 100);
    return { seed: recipe.seed, branches: [...recipe.branches, { how, from, seed: random.nextUint32() }] };
  }
}

/** A block of source that never ran, or something that never happened; not what happened more often or in another order. */
function isSomethingNew(situation: string): boolean {
  const family = familyOf(situation);
  return family === "block" || (family === "times" && situation.endsWith(" x1"));
}

/** The rarer, the likelier; and the more of the run is left. */
function weightOf({ at, runs }: Known, duration: Millis): number {
  return (1 - Math.max(0, at) / duration) / runs ** 2;
}
