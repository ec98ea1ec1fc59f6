/** One instance as a user has it: the scheduler on a real Redis, with its metrics counted. */
import { createMetrics } from "../../embed/metrics.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import { createRedisFeed } from "../../redis/feed.ts";
import { createRedisStore, type RedisStore } from "../../redis/store.ts";
import { systemClock } from "../../redis/system.ts";
import type { Store } from "../../scheduler/ports.ts";
import { createScheduler, type Scheduler } from "../../scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../../scheduler/settings.ts";

/** Stands between an instance and Redis: to count, or to be slow. */
export type WrapStore = (store: Store) => Store;

/** What makes an instance other than ours is: planted to see that a row can fail. */
export interface Planted {
  readonly store?: WrapStore;
  readonly scheduler?: (scheduler: Scheduler) => Scheduler;
  readonly settings?: Partial<Settings>;
  /** Of heartbeats that are timed in a process of their own, ms. */
  readonly heartbeatDelay?: number;
}

export interface InstanceOptions {
  readonly url: string;
  /** Of its random streams. */
  readonly seed: number;
  readonly prefix?: string;
  readonly settings?: Partial<Settings>;
  readonly wrap?: WrapStore;
  readonly planted?: Planted | undefined;
}

export interface Instance extends AsyncDisposable {
  readonly scheduler: Scheduler;
  readonly store: RedisStore;
}

/** Changes that the feed of a partition keeps. */
export const feedMax = 100_000;

/**
 * Deadlines that a busy machine does not reach. What is measured is how long an answer takes, and a call that is given up early has no
 * answer; what deadlines are for is measured under faults, by `inject`.
 */
export const patient = {
  readDeadline: 1_000,
  writeDeadline: 1_000,
  budget: 2_000,
} as const satisfies Partial<Settings>;

/** Not started yet. */
export function openInstance({
  planted = {},
  prefix = "lp:",
  seed,
  url,
  wrap = same,
  ...options
}: InstanceOptions): Instance {
  const settings = { ...options.settings, ...planted.settings };
  const { partitions, ttlSpread } = resolveSettings(settings);
  const place = { url, prefix, partitions, feedMax, name: "bench" };
  const store = createRedisStore(place);
  const feed = createRedisFeed(place);
  const slowed = (planted.store ?? same)(wrap(store));
  const ports = { clock: systemClock, store: slowed, feed, random: seededRandom(seed) };
  const scheduler = createScheduler(ports, settings, (event) => metrics.observe(event));
  const metrics = createMetrics({
    scheduler: "bench",
    ttlSpread,
    now: () => {
      const { calls, connected, mode } = scheduler.status();
      return { commands: store.standing(), subscriber: connected ? 1 : 0, underWay: calls, mode };
    },
  });
  return {
    scheduler: planted.scheduler?.(scheduler) ?? scheduler,
    store,
    async [Symbol.asyncDispose]() {
      await scheduler.close();
      metrics.close();
    },
  };
}

/** @throws whatever stops it from starting; it is closed then */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const instance = openInstance(options);
  try {
    await instance.store.connect();
    await instance.scheduler.start();
    return instance;
  } catch (error) {
    await instance[Symbol.asyncDispose]();
    throw error;
  }
}

const same: WrapStore = (store) => store;
