/**
 * The pools that a configuration prescribes for a request, written from docs/protocol.md, section 8, and independent of the scheduler: two that agree on the page
 * agree on every pool.
 */
import type { Configuration, ConfiguredPool, Wish } from "../../check/history.ts";

const bytesOf = new TextEncoder();

/** FNV-1a of 32 bits. */
function hashOf(text: string): number {
  return bytesOf.encode(text).reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619), 2_166_136_261) >>> 0;
}

/** The finaliser of MurmurHash3 of 32 bits. */
function mixOf(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
  const second = Math.imul(first ^ (first >>> 13), 3_266_489_909);
  return (second ^ (second >>> 16)) >>> 0;
}

function suitsPool({ language_pairs, required_services }: ConfiguredPool, { services, source, target }: Wish): boolean {
  const hasPair = language_pairs.some((pair) => pair.source === source && pair.target === target);
  if (language_pairs.length > 0 && !hasPair) return false;
  return services.every((service) => required_services.includes(service));
}

/** A configured pool with the weight that a key gives it. */
interface Weighed {
  readonly pool: ConfiguredPool;
  readonly suits: boolean;
  readonly weight: number;
}

/** The hashes of the pools, which every request needs. */
const hashes = new WeakMap<Configuration, readonly number[]>();

function hashesOf(configuration: Configuration): readonly number[] {
  const known = hashes.get(configuration);
  if (known !== undefined) return known;
  const made = configuration.pools.map(({ id }) => hashOf(id));
  hashes.set(configuration, made);
  return made;
}

/**
 * The pools in which a request has to be searched, in order.
 *
 * @param configuration that which is in force; null: there is none
 * @param key by which the pool is chosen, unless the request has one of its own: the job of a dispatch. null: the language pair
 * @returns null: no pool is prescribed, so that any node will do
 */
export function prescribedPools(
  wish: Wish,
  configuration: Configuration | null,
  key: string | null = null,
): readonly string[] | null {
  if (wish.pool !== undefined) return [wish.pool];
  if (configuration === null || !configuration.enabled) return null;
  const seed = mixOf(hashOf(wish.key ?? key ?? `${wish.source}:${wish.target}`) ^ configuration.hash_seed);
  const idHashes = hashesOf(configuration);
  const order = configuration.pools
    .map((pool, place): Weighed => {
      return { pool, suits: suitsPool(pool, wish), weight: mixOf(seed ^ (idHashes[place] ?? 0)) };
    })
    .sort((one, other) => (one.suits === other.suits ? other.weight - one.weight : one.suits ? -1 : 1));
  const searched = configuration.fallback_scan_all_pools ? order : order.slice(0, order[0]?.suits === true ? 1 : 0);
  return searched.map(({ pool }) => pool.id);
}
