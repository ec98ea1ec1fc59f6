/**
 * The first level of a two-level selection: which pool, by Phase3Config.
 *
 * A pool fits a request when it serves the pair (or lists no pairs) and promises every service asked for. Among those that fit, the one
 * with the highest hash of (hash_seed, key, pool id) is chosen (rendezvous hashing): every instance chooses the same, and a pool that
 * comes or goes moves only the keys that it wins or had won. Another seed deals all keys anew.
 */

import type { StoredConfig } from "../../protocol/configuration.ts";
import type { LanguagePair } from "../../protocol/node.ts";
import { pairKey } from "../text.ts";
import { fnv1a } from "../view/partition-of.ts";

export interface PoolRequest extends LanguagePair {
  readonly services: readonly string[];
  /** Requests with the same key go to the same pool: a session, a job. Absent: the language pair. */
  readonly key?: string;
}

interface Pool {
  readonly id: string;
  readonly hash: number;
  /** Empty: any. */
  readonly pairs: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

export class PoolPlan {
  readonly #seed: number;
  readonly #scansAll: boolean;
  readonly #pools: readonly Pool[];

  constructor({ hash_seed, fallback_scan_all_pools, pools }: StoredConfig) {
    this.#seed = hash_seed;
    this.#scansAll = fallback_scan_all_pools;
    this.#pools = pools.map(({ id, language_pairs, required_services }) => ({
      id,
      hash: fnv1a(id),
      pairs: new Set(language_pairs.map(pairKey)),
      services: new Set(required_services),
    }));
  }

  /** @returns null when no pool fits */
  choose(request: PoolRequest): string | null {
    const key = this.#keyOf(request);
    const pair = pairKey(request);
    let best: string | null = null;
    let highest = -1;
    for (const pool of this.#pools) {
      const weight = mixed(key ^ pool.hash);
      if (weight <= highest || !fits(pool, pair, request.services)) continue;
      highest = weight;
      best = pool.id;
    }
    return best;
  }

  /** Where to look when the chosen pool has not enough: all other pools, those that fit first. Empty unless `fallback_scan_all_pools`. */
  others(request: PoolRequest, chosen: string | null): readonly string[] {
    if (!this.#scansAll) return [];
    const key = this.#keyOf(request);
    const pair = pairKey(request);
    const ranked = this.#pools
      .filter(({ id }) => id !== chosen)
      .map((pool) => ({ pool, doesFit: fits(pool, pair, request.services), weight: mixed(key ^ pool.hash) }));
    ranked.sort((a, b) => Number(b.doesFit) - Number(a.doesFit) || b.weight - a.weight);
    return ranked.map(({ pool }) => pool.id);
  }

  #keyOf(request: PoolRequest): number {
    return mixed(fnv1a(request.key ?? pairKey(request)) ^ this.#seed);
  }
}

function fits({ pairs, services }: Pool, pair: string, wanted: readonly string[]): boolean {
  return (pairs.size === 0 || pairs.has(pair)) && wanted.every((service) => services.has(service));
}

/** MurmurHash3's finaliser: every bit of the input changes about half of the output's. */
function mixed(hash: number): number {
  let bits = hash >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
