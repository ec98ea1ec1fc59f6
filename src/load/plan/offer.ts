/**
 * The offers of a run's nodes in each incarnation. Every node is always in the first pool, serves the first language pair and has the first service, as
 * usual requests ask: so capacity alone decides which node gets a usual job. The rest changes with each incarnation.
 */

import type { LanguagePair } from "../../protocol/node.ts";
import type { Random } from "../../scheduler/ports.ts";
import type { Names } from "./names.ts";
import { chance, pick } from "./random.ts";

export interface Offer {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

/** One node in so many serves every pair of the run. */
const polyglots = 1 / 12;
/** How many further pairs another node is drawn, perhaps the same ones. */
const furtherPairs = 2;

/** @param incarnation counted per node; successive ones differ in the second pool, and every other time in the second pair too */
export function offerOf(incarnation: number, names: Names, random: Random): Offer {
  const [firstPool = "", secondPool, ...otherPools] = names.pools;
  const pools = [firstPool];
  if (secondPool !== undefined && incarnation % 2 === 1) pools.push(secondPool);
  const isInAnother = chance(random, 0.5);
  if (otherPools.length > 0 && isInAnother) pools.push(pick(random, otherPools));
  return { pools, languages: pairsOf(incarnation, names, random), services: servicesOf(names, random) };
}

function pairsOf(incarnation: number, { languages }: Names, random: Random): readonly LanguagePair[] {
  const [first, second, ...others] = languages;
  if (first === undefined) throw new RangeError("a run without a language pair");
  if (chance(random, polyglots)) return languages;
  const pairs = [first];
  if (second !== undefined && incarnation % 4 >= 2) pairs.push(second);
  for (let further = 0; further < furtherPairs && others.length > 0; further += 1) pairs.push(pick(random, others));
  return [...new Set(pairs)];
}

function servicesOf({ services }: Names, random: Random): readonly string[] {
  return services.filter((_, index) => index === 0 || chance(random, 0.5));
}
