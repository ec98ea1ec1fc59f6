/**
 * What to run next: a new seed, or a branch from a kept run, around the moment at which it came into a situation that few runs have been in.
 *
 * Most branches are in that situation too, so a situation that is chosen becomes less rare, and others have their turn. The share of new seeds bounds the
 * loss where nothing that was reached helps.
 */
import { between, chance, pickWeighted } from "../../load/plan/random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import { type Branch, mostBranches, type Recipe } from "../plan/branch.ts";
import type { Corpus, Known } from "./corpus.ts";
import { type Family, families } from "./coverage.ts";

/** How often a family is looked at for a rare situation, beside the others. */
const weights: Readonly<Record<Family, number>> = { block: 8, times: 8, after: 2, under: 1, judged: 1 };

/** Before so many runs nothing is known to be rare. */
const begunWith = 8;
const shareOfNewSeeds = 0.3;
const ways: readonly (readonly [Branch["how"], number])[] = [
  ["redrawn", 2],
  ["changed", 2],
  ["reordered", 1],
];
/** A reordered run begins to differ up to so long before the moment: what led to it may then come in another order. */
const before: Millis = 50;
/** So many of the others begin at the start: only what the seed drew of topology and settings is kept, and the whole run is left. */
const shareOfWhole = 0.3;
/** Virtual time passes in ticks of so many ms: the next moment is later than what happened. */
const tick: Millis = 0.01;

export interface Choosing {
  readonly corpus: Corpus;
  readonly random: Random;
  /** The next seed that was not run. */
  readonly newSeed: () => number;
  /** The length of a run's load. */
  readonly duration: Millis;
}

export function chooseNext({ corpus, duration, newSeed, random }: Choosing): Recipe {
  // Drawn in any case, so that what was found does not change which draw is for what.
  const isNew = chance(random, shareOfNewSeeds);
  const how = pickWeighted(random, ways);
  const [seed, early] = [random.nextUint32(), between(random, [0, before])];
  const isWhole = chance(random, shareOfWhole);
  const parent = isNew || corpus.runs < begunWith ? null : rareOf(corpus, duration, random);
  if (parent === null || parent.recipe.branches.length >= mostBranches) return { seed: newSeed(), branches: [] };
  const moment = how === "reordered" ? parent.at - early : isWhole ? 0 : parent.at + tick;
  const from = Math.max(0, Math.round(moment * 100) / 100);
  return { seed: parent.recipe.seed, branches: [...parent.recipe.branches, { how, from, seed }] };
}

/** @returns null where no situation leaves time for anything to follow */
function rareOf(corpus: Corpus, duration: Millis, random: Random): Known | null {
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

/** The rarer, the likelier; and the more of the run is left. */
function weightOf({ at, runs }: Known, duration: Millis): number {
  return (1 - Math.max(0, at) / duration) / runs ** 2;
}
