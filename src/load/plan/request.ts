/** The requests of clients: the usual one, which every node suits, and others that some nodes suit, or none. */
import type { Wish } from "../../check/history.ts";
import type { Random } from "../../scheduler/ports.ts";
import { type Names, unknown } from "./names.ts";
import { chance, pick, pickWeighted } from "./random.ts";

export const wanted = { pool: "pool-a", source: "en", target: "de", services: ["translate"] } as const satisfies Wish;

/** How many nodes the usual selection asks for: a few, as a client would. */
export const defaultCount = 4;

/** The most that a selection may ask for. */
const mostCount = 1_000;
/** Many, so that an omission shows; or one, a few, or the most that is allowed. */
const counts = [
  [64, 10],
  [1, 3],
  [defaultCount, 2],
  [mostCount, 1],
] as const;

/** Requests with one key go to one pool. */
const keys = Array.from({ length: 16 }, (_, index) => `key-${index}`);

/** @returns undefined: the usual request. Half of them are */
export function drawSelection(random: Random, names: Names): Wish | undefined {
  if (chance(random, 0.5)) return undefined;
  const wish = drawWish(random, names);
  return { ...wish, count: pickWeighted(random, counts) };
}

/** Draws the request of a job; undefined: the usual one, as for most jobs, so that nodes fill. */
export function drawJobWish(random: Random, names: Names): Wish | undefined {
  return chance(random, 0.6) ? undefined : drawWish(random, names);
}

/** Mostly the first of each kind, or the second, which half of the nodes offer: a request that is odd in every part is met by no node. */
function drawWish(random: Random, { languages, pools, services }: Names): Wish {
  const place = drawPlace(random, pools);
  const pair = pickWeighted(random, [
    [languages[0] ?? unknown.language, 6],
    [languages[1] ?? languages[0] ?? unknown.language, 4],
    [pick(random, languages), 5],
    [unknown.language, 1],
  ]);
  return { ...place, ...pair, services: drawServices(random, services) };
}

/** A named pool; or none, with a key or without one. */
function drawPlace(random: Random, pools: readonly string[]): Pick<Wish, "pool" | "key"> {
  const named = pickWeighted(random, [
    [pools[0] ?? unknown.pool, 2],
    [pools[1] ?? pools[0] ?? unknown.pool, 3],
    [pick(random, pools), 3],
    [unknown.pool, 1],
    [null, 9],
  ]);
  const key = pick(random, keys);
  const hasKey = chance(random, 0.5);
  if (named !== null) return { pool: named };
  return hasKey ? { key } : {};
}

/** None, one or two, of those that there are, or one that no node has. */
function drawServices(random: Random, services: readonly string[]): readonly string[] {
  const [one, other] = [pick(random, services), pick(random, services)];
  return pickWeighted<readonly string[]>(random, [
    [[], 4],
    [services.slice(0, 1), 4],
    [[one], 4],
    [[...new Set([one, other])], 5],
    [[one, unknown.service], 1],
  ]);
}

/** ms after which a caller gives a call up by a signal: before it is made, while it is sent, while it is late. */
const aborts = [0, 0.2, 0.6, 1.5, 5, 25] as const;
const attempts = [1, 2, 100] as const;

export interface Options {
  /** Whole milliseconds. */
  readonly lease?: number;
  readonly attempts?: number;
  readonly abort?: number;
}

/** Most calls are made without options. @param holds how long the job runs: a lease may be shorter */
export function drawOptions(random: Random, holds: number): Options {
  const [hasLease, hasAttempts, isAborted] = [chance(random, 0.25), chance(random, 0.2), chance(random, 0.12)];
  const drawn = {
    lease: Math.max(1, Math.round(holds * pick(random, [0.5, 2, 10]))),
    attempts: pick(random, attempts),
    abort: pick(random, aborts),
  };
  return {
    ...(hasLease && { lease: drawn.lease }),
    ...(hasAttempts && { attempts: drawn.attempts }),
    ...(isAborted && { abort: drawn.abort }),
  };
}
