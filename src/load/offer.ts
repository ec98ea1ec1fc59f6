/** What every node of a run offers, and every job wants: they suit each other, so that capacity alone decides. */
import type { ConfigContent } from "../scheduler/ports.ts";

export const offer = {
  pools: ["pool-a"],
  languages: [{ source: "en", target: "de" }],
  services: ["translate"],
} as const;

/** What it offers in a later life: every other one is in a second pool too, so that pools change and nobody is missing from the first. */
export function offerOf(
  life: number,
): typeof offer | (Omit<typeof offer, "pools"> & { readonly pools: readonly string[] }) {
  return life % 2 === 0 ? offer : { ...offer, pools: ["pool-a", "pool-b"] };
}

/** A pool configuration that a run puts: every job still finds the pool that all nodes are in. */
export function configOf({
  enabled,
  hashSeed,
}: {
  readonly enabled: boolean;
  readonly hashSeed: number;
}): ConfigContent {
  const pool = { name: "", required_services: [...offer.services], language_pairs: [] };
  const pools = [{ ...pool, id: "pool-a" }, ...(hashSeed % 2 === 0 ? [{ ...pool, id: "pool-b" }] : [])];
  return { enabled, pool_count: pools.length, hash_seed: hashSeed, fallback_scan_all_pools: true, pools };
}

export const wanted = { pool: "pool-a", source: "en", target: "de", services: ["translate"] } as const;
