/**
 * The offers of a run's nodes in each incarnation, and the requests of selections. Every node is always in the first pool and serves the first language
 * pair, and every job asks for these: so capacity alone decides which node gets a job. The rest of an offer changes with each incarnation. Selections
 * ask for it too, since a node that has left a pool must not be found in it.
 */
import type { Wish } from "../../check/history.ts";
import type { ConfigContent, LanguagePair } from "../../scheduler/ports.ts";

export interface Offer {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

const first = { source: "en", target: "de" } as const;
const second = { source: "en", target: "fr" } as const;

export const wanted = { pool: "pool-a", ...first, services: ["translate"] } as const satisfies Wish;

/** Other requests of selections: half of the nodes are in the second pool at a time, half serve the second pair. */
export const selections = {
  second_pool: { ...wanted, pool: "pool-b" },
  second_pair: { ...wanted, ...second },
} as const satisfies Readonly<Record<string, Wish>>;

export type SelectionName = keyof typeof selections;

export const selectionNames = Object.keys(selections) as [SelectionName, ...SelectionName[]];

/** How many nodes a selection asks for: few, as a client would; or more than most runs have, so that an omission shows. */
export function countOf(wish: SelectionName | undefined): number {
  return wish === undefined ? 4 : 64;
}

/** @param incarnation counted per node; successive ones differ in the second pool, and every other time in the second pair too */
export function offerOf(incarnation: number): Offer {
  const pools = incarnation % 2 === 0 ? ["pool-a"] : ["pool-a", "pool-b"];
  const languages = incarnation % 4 < 2 ? [first] : [first, second];
  return { pools, languages, services: ["translate"] };
}

/** A pool configuration that a run puts: every job still finds the pool that all nodes are in. */
export function configOf({
  enabled,
  hashSeed,
}: {
  readonly enabled: boolean;
  readonly hashSeed: number;
}): ConfigContent {
  const pool = { name: "", required_services: [...wanted.services], language_pairs: [] };
  const pools = [{ ...pool, id: "pool-a" }, ...(hashSeed % 2 === 0 ? [{ ...pool, id: "pool-b" }] : [])];
  return { enabled, pool_count: pools.length, hash_seed: hashSeed, fallback_scan_all_pools: true, pools };
}
