/** The pool configurations that a run puts: on or off, with the fallback or without it, of pools that promise some of the run's services and pairs. */

import type { Configuration } from "../../check/history.ts";
import type { ConfigContent, PoolConfig } from "../../protocol/configuration.ts";
import type { LanguagePair } from "../../protocol/node.ts";
import type { Random } from "../../scheduler/ports.ts";
import { type Names, unknown } from "./names.ts";
import { chance, integerBetween, pick } from "./random.ts";
import { seededRandom } from "./seeded-random.ts";

/** A configuration of every pool of the run, one of several; the others have some of the pools. */
const whole = 0.25;
/** The most pairs that a pool lists, unless it lists all. */
const mostPairs = 6;

export interface DrawnConfiguration {
  readonly enabled: boolean;
  /** Also what the rest of the content is drawn by. */
  readonly hashSeed: number;
}

export function configOf({ enabled, hashSeed }: DrawnConfiguration, names: Names): ConfigContent {
  const random = seededRandom(hashSeed)("configuration");
  const ids = chance(random, whole) ? [...names.pools, unknown.pool] : someOf(random, names.pools);
  const pools = ids.map((id) => poolOf(id, names, random));
  const fallback_scan_all_pools = chance(random, 0.5);
  return { enabled, pool_count: pools.length, hash_seed: hashSeed, fallback_scan_all_pools, pools };
}

/** Returns the part of a configuration that a history keeps. */
export function configurationOf(content: ConfigContent): Configuration {
  const { enabled, fallback_scan_all_pools, hash_seed, pools } = content;
  const kept = pools.map(({ id, language_pairs, required_services }) => ({ id, required_services, language_pairs }));
  return { enabled, hash_seed, fallback_scan_all_pools, pools: kept };
}

function poolOf(id: string, names: Names, random: Random): PoolConfig {
  const required_services = chance(random, 0.5) ? names.services : someOf(random, names.services);
  return {
    id,
    name: chance(random, 0.5) ? "" : `pool ${id.slice(0, 8)}`,
    required_services,
    language_pairs: pairsOf(names, random),
  };
}

/** None, which means any; all; or some, the first of all among them as often as not. */
function pairsOf({ languages }: Names, random: Random): readonly LanguagePair[] {
  if (chance(random, 0.5)) return [];
  if (chance(random, 0.1)) return languages;
  const drawn = Array.from({ length: integerBetween(random, [1, mostPairs]) }, () => pick(random, languages));
  return [...new Set(chance(random, 0.5) ? [...languages.slice(0, 1), ...drawn] : drawn)];
}

/** At least one. */
function someOf<Item>(random: Random, all: readonly Item[]): readonly Item[] {
  const some = all.filter(() => chance(random, 0.5));
  return some.length === 0 ? [pick(random, all)] : some;
}
