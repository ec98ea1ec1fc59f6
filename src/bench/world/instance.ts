/** One instance as an application runs it: the scheduler on a real Redis, with metrics. */
import { createMetrics } from "../../embed/metrics.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import { createRedisFeed } from "../../redis/feed.ts";
import { createRedisStore, type RedisStore } from "../../redis/store.ts";
import { systemClock } from "../../redis/system.ts";
import type { Store } from "../../scheduler/ports.ts";
import { createScheduler, type Scheduler } from "../../scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../../scheduler/settings.ts";

/** Wraps the store of an instance: to count calls, or to delay them. */
export type WrapStore = (store: Store) => Store;

/** The changes of a mutant, which shows that a row can fail. */
export interface BenchMutant {
  readonly store?: WrapStore;
  readonly scheduler?: (scheduler: Scheduler) => Scheduler;
  readonly settings?: Partial<Settings>;
  /** One of `every` heartbeats waits for `ms` before it is sent. They are timed in a process of its own. */
  readonly heartbeat?: { readonly ms: number; readonly every: number };
}

export interface InstanceOptions {
  readonly url: string;
  /** The seed of its random streams. */
  readonly seed: number;
  readonly prefix?: string;
  readonly settings?: Partial<Settings>;
  readonly wrap?: WrapStore;
  readonly mutant?: BenchMutant | undefined;
}

export interface Instance extends AsyncDisposable {
  readonly scheduler: Scheduler;
  readonly store: RedisStore;
}

/** Changes that the feed of a partition keeps. */
export const feedMax = 100_000;

/**
 * Timeouts that a busy machine does not reach: the bench measures how long an answer takes, and a call that times out has no answer. `inject` measures
 * timeouts, under faults.
 */
export const longTimeouts = {
  readDeadline: 1_000,
  writeDeadline: 1_000,
  budget: 2_000,
} as const satisfies Partial<Settings>;

/** Not started yet. */
export function openInstance({
  mutant = {},
  prefix = "lp:",
  seed,
  url,
  wrap = same,
  ...options
}: InstanceOptions): Instance {
  const settings = { ...options.settings, ...mutant.settings };
  const { partitions, ttlSpread } = resolveSettings(settings);
  const place = { url, prefix, partitions, feedMax, name: "bench" };
  const store = createRedisStore(place);
  const feed = createRedisFeed(place);
  const slowed = (mutant.store ?? same)(wrap(store));
  const ports = { clock: systemClock, store: slowed, feed, random: seededRandom(seed) };
  const scheduler = createScheduler(ports, settings, (event) => metrics.observe(event));
  const metrics = createMetrics({
    scheduler: "bench",
    ttlSpread,
    now: () => {
      const { calls, connected, mode } = scheduler.status();
      return { commands: store.standing(), subscriber: connected ? 1 : 0, inFlight: calls, mode };
    },
  });
  return {
    scheduler: mutant.scheduler?.(scheduler) ?? scheduler,
    store,
    async [Symbol.asyncDispose]() {
      await scheduler.close();
      metrics.close();
    },
  };
}

/** @throws any error that keeps it from starting, after closing it */
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
