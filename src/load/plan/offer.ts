/**
 * What the nodes of a run offer, life by life, and what is asked of them. Every node is in the first pool and serves the first pair in every
 * life, and every job wants those: they suit each other, so that capacity alone decides who gets a job. What else a node offers changes from
 * one life to the next; selections ask for that too, since whoever leaves a pool must not be found in it any longer.
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

/** What a selection may ask for besides `wanted`: half of the nodes are in the second pool at a time, half serve the second pair. */
export const wishes = {
  second_pool: { ...wanted, pool: "pool-b" },
  second_pair: { ...wanted, ...second },
} as const satisfies Readonly<Record<string, Wish>>;

export type WishName = keyof typeof wishes;

export const wishNames = Object.keys(wishes) as [WishName, ...WishName[]];

/** How many a selection asks for: few, as a client would; and all that there are in most runs, so that what is left out shows. */
export function countOf(wish: WishName | undefined): number {
  return wish === undefined ? 4 : 64;
}

/** @param life the lives of one node are numbered; neighbours differ in the second pool, and every other time in the second pair too */
export function offerOf(life: number): Offer {
  const pools = life % 2 === 0 ? ["pool-a"] : ["pool-a", "pool-b"];
  const languages = life % 4 < 2 ? [first] : [first, second];
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
