/**
 * Where selection looks: the online nodes of all partitions, by pool and by language pair, and a bucket for each combination that is asked for.
 *
 * It follows the views change by change and is never built anew (P1). A bucket is made when its combination is first asked for, from the
 * smaller of the pool's members and the pair's, and kept up from then on; above `maxBuckets` of them one goes that was not asked for
 * again since the last look at it.
 */

import type { LanguagePair, NodeState } from "../../protocol/node.ts";
import { pairKey, sortedIds } from "../text.ts";
import { CandidateBucket, type Entry, isFull, update } from "./candidate-bucket.ts";

export interface BucketKey extends LanguagePair {
  /** null: any. */
  readonly pool: string | null;
  /** All of these. */
  readonly services: readonly string[];
}

/** A bucket costs about half a kilobyte, and 60 bytes for each node in it. */
const mostBuckets = 20_000;
/** Pairs that a pool's members may serve each, on average, for the pool's buckets to be made all at once. */
const cheapPairs = 16;
const noServices = "";

/** Stands for all pools together; no pool has an empty id. */
const anyPool = "";

type BucketsOfPool = Map<string, Map<string, CandidateBucket>>;
type Place = readonly [pool: string, pair: string, services: string];

export class NodeIndex {
  readonly #maxBuckets: number;
  readonly #entries = new Map<string, Entry>();
  readonly #pools = new Map<string, Set<Entry>>();
  readonly #pairs = new Map<string, Set<Entry>>();
  /** pool, pair, services. */
  readonly #buckets = new Map<string, BucketsOfPool>();
  /** Where each bucket is, oldest first. */
  readonly #places = new Map<CandidateBucket, Place>();

  constructor(maxBuckets = mostBuckets) {
    this.#maxBuckets = Math.min(mostBuckets, maxBuckets);
  }

  get buckets(): number {
    return this.#places.size;
  }

  put(node: NodeState): void {
    const entry = this.#entries.get(node.node);
    if (entry !== undefined && hasSamePlace(entry.node, node)) {
      update(entry, node);
      return;
    }
    this.remove(node.node);
    if (node.status === "online") this.#add(node);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const { node, seats } = entry;
    for (const seat of seats) seat.bucket.leave(seat);
    for (const pool of node.pools) leave(this.#pools, pool, entry);
    for (const pair of node.languages) leave(this.#pairs, pairKey(pair), entry);
  }

  /** @returns null when no node can suit: the pool is empty, or no node serves the pair */
  bucketOf(key: BucketKey): CandidateBucket | null {
    const { pool, services } = key;
    const [poolName, pairName] = [pool ?? anyPool, pairKey(key)];
    const serviceNames = services.length === 0 ? noServices : JSON.stringify(sortedIds(services));
    const bucket = this.#buckets.get(poolName)?.get(pairName)?.get(serviceNames);
    if (bucket !== undefined) {
      bucket.wasUsed = true;
      return bucket;
    }
    const members = services.length === 0 ? this.#candidates(pool, pairName) : this.bucketOf({ ...key, services: [] });
    return members === null ? null : this.#build([poolName, pairName, serviceNames], members, services);
  }

  /** The nodes that may suit a request without services. */
  #candidates(pool: string | null, pair: string): Iterable<Entry> | null {
    const serving = this.#pairs.get(pair);
    const members = pool === null ? serving : this.#pools.get(pool);
    if (serving === undefined || members === undefined) return null;
    if (pool === null) return serving;
    if (members.size > serving.size) return [...serving].filter((entry) => members.has(entry));
    this.#buildOthers(pool, pair, members);
    return [...members].filter((entry) => serving.has(entry));
  }

  #build(place: Place, members: Iterable<Entry>, services: readonly string[]): CandidateBucket {
    const bucket = this.#made(place, services);
    for (const entry of members) if (bucket.suits(entry.node)) bucket.seat(entry);
    bucket.wasUsed = true; // not the one to go
    while (this.#places.size > this.#maxBuckets) this.#evict();
    bucket.wasUsed = false; // until it is asked for again
    return bucket;
  }

  /** The pool's members have to be gone through for one pair: the buckets of its other pairs are made by the way, where that is cheap. */
  #buildOthers(pool: string, asked: string, members: ReadonlySet<Entry>): void {
    let seats = 0;
    for (const { node } of members) seats += node.languages.length;
    if (seats > members.size * cheapPairs) return;
    const known = new Set(this.#buckets.get(pool)?.keys()).add(asked);
    const made = new Map<string, CandidateBucket>();
    for (const entry of members) {
      for (const pair of entry.node.languages.map(pairKey)) {
        if (!known.has(pair)) inserted(made, pair, () => this.#made([pool, pair, noServices], [])).seat(entry);
      }
    }
  }

  #made(place: Place, services: readonly string[]): CandidateBucket {
    const [pool, pair, names] = place;
    const bucket = new CandidateBucket(services);
    const ofPool = inserted(this.#buckets, pool, () => new Map<string, Map<string, CandidateBucket>>());
    inserted(ofPool, pair, () => new Map<string, CandidateBucket>()).set(names, bucket);
    this.#places.set(bucket, place);
    return bucket;
  }

  /** The oldest that was not asked for since this was last looked at: a bucket in use gets another turn. */
  #evict(): void {
    for (const [bucket, place] of this.#places) {
      this.#places.delete(bucket);
      if (bucket.wasUsed) {
        bucket.wasUsed = false;
        this.#places.set(bucket, place);
      } else {
        this.#drop(bucket, place);
        return;
      }
    }
  }

  #drop(bucket: CandidateBucket, [pool, pair, services]: Place): void {
    const ofPool = this.#buckets.get(pool);
    const ofPair = ofPool?.get(pair);
    ofPair?.delete(services);
    if (ofPair?.size === 0) ofPool?.delete(pair);
    if (ofPool?.size === 0) this.#buckets.delete(pool);
    for (const entry of bucket) entry.seats = entry.seats.filter((seat) => seat.bucket !== bucket);
  }

  #add(node: NodeState): void {
    const entry: Entry = { node, isFull: isFull(node), seats: [] };
    this.#entries.set(node.node, entry);
    const pairs = node.languages.map(pairKey);
    for (const pool of node.pools) inserted(this.#pools, pool, () => new Set<Entry>()).add(entry);
    for (const pair of pairs) inserted(this.#pairs, pair, () => new Set<Entry>()).add(entry);
    this.#seat(entry, anyPool, pairs);
    for (const pool of node.pools) this.#seat(entry, pool, pairs);
  }

  #seat(entry: Entry, pool: string, pairs: readonly string[]): void {
    const ofPool = this.#buckets.get(pool);
    if (ofPool === undefined) return;
    // A node may serve many pairs of which few were ever asked for.
    const asked =
      ofPool.size < pairs.length ? [...ofPool.keys()].filter((pair) => this.#pairs.get(pair)?.has(entry)) : pairs;
    for (const pair of asked) {
      for (const bucket of ofPool.get(pair)?.values() ?? []) if (bucket.suits(entry.node)) bucket.seat(entry);
    }
  }
}

/** Lists are shared between a record and its successor unless it registered anew, so identity decides; most changes touch no index. */
function hasSamePlace(a: NodeState, b: NodeState): boolean {
  return a.status === b.status && a.pools === b.pools && a.languages === b.languages && a.services === b.services;
}

function inserted<Value>(index: Map<string, Value>, key: string, made: () => Value): Value {
  const found = index.get(key);
  if (found !== undefined) return found;
  const value = made();
  index.set(key, value);
  return value;
}

function leave(index: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const members = index.get(key);
  if (members?.delete(entry) && members.size === 0) index.delete(key);
}
