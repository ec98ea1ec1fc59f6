/** The amount of work of each profile. `quick` makes the same claims with shorter and fewer rounds. */

import type { Millis } from "../../protocol/time.ts";
import type { BenchProfile } from "../claims.ts";

export interface Sizes {
  /** Rounds of each row; more, up to `mostRounds`, where other processes had too much of the machine for a verdict. */
  readonly rounds: number;
  readonly mostRounds: number;
  readonly nodes: number;
  readonly manyNodes: number;
  /** Calls of selectNodes, timed one by one. */
  readonly selections: number;
  readonly reads: number;
  /** The length of open loops: heartbeats, selections, wake-ups. */
  readonly lasts: Millis;
  readonly heartbeats: number;
  readonly pairs: number;
  readonly expiry: { readonly entries: number; readonly writtenIn: Millis; readonly ttl: Millis };
  readonly misses: { readonly ids: number; readonly ttl: Millis; readonly ttls: number };
  readonly peers: { readonly bullmqJobs: number; readonly redisLimitScale: number };
}

export const sizesOf: Readonly<Record<BenchProfile, Sizes>> = {
  quick: {
    rounds: 3,
    mostRounds: 4,
    nodes: 10_000,
    manyNodes: 10_000,
    selections: 2_000,
    reads: 20_000,
    lasts: 400,
    heartbeats: 5_000,
    pairs: 2_000,
    expiry: { entries: 2_000, writtenIn: 150, ttl: 600 },
    misses: { ids: 100, ttl: 250, ttls: 3 },
    peers: { bullmqJobs: 2_000, redisLimitScale: 0.05 },
  },
  full: {
    rounds: 5,
    mostRounds: 9,
    nodes: 10_000,
    manyNodes: 100_000,
    selections: 20_000,
    reads: 1_000_000,
    lasts: 3_000,
    heartbeats: 100_000,
    pairs: 30_000,
    expiry: { entries: 10_000, writtenIn: 1_000, ttl: 5_000 },
    misses: { ids: 100, ttl: 1_000, ttls: 4 },
    peers: { bullmqJobs: 20_000, redisLimitScale: 0.5 },
  },
};
