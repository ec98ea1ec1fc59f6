/**
 * The scheduler for a program of one's own: `import { createScheduler } from "lockproof/scheduler"`. It puts the reference scheduler on
 * real connections, and adds what operation needs: metrics, logs, callbacks, errors at the edge. See docs/embedding.md.
 */
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { Registry } from "prom-client";
import type { AccessError, Refusal, TopologyError } from "../redis/errors.ts";
import { type ExistingClient, isExistingClient, topologyOfClient } from "../redis/existing.ts";
import { createRedisFeed } from "../redis/feed.ts";
import { checkPrefix } from "../redis/keys.ts";
import { createRedisStore, type RedisStore } from "../redis/store.ts";
import { systemClock, systemRandom } from "../redis/system.ts";
import { type ClusterAddresses, type SentinelAddresses, type Topology, topologyOf } from "../redis/topology.ts";
import type { SchedulerEvent } from "../scheduler/events.ts";
import type { Millis } from "../scheduler/ports.ts";
import { createScheduler as createCore, type Scheduler } from "../scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../scheduler/settings.ts";
import { type Callbacks, callingBack } from "./callbacks.ts";
import { OptionsError } from "./errors.ts";
import { createLog, type Log, type Logger, type LogLevel } from "./log.ts";
import { createMetrics } from "./metrics.ts";

export interface SchedulerOptions extends Callbacks {
  /** `redis://…` or `rediss://…`, Sentinels, some nodes of a Cluster, or an ioredis client, whose address and user are then used. */
  readonly redis: string | SentinelAddresses | ClusterAddresses | ExistingClient;
  /** For connections to the servers; makes them TLS connections. An ioredis client brings its own. */
  readonly tls?: TlsOptions;
  /** Before every key; `lp:` by default. No braces, no spaces, at most 64 characters. */
  readonly prefix?: string;
  /** See `Settings` for names, ranges and defaults. */
  readonly settings?: Partial<Settings>;
  /** In connection names, logs and metrics: 1 to 64 of A-Z a-z 0-9 _ . - */
  readonly name?: string;
  /** Changes that the feed of a partition keeps: 1 to 1,000,000. An instance that was away for longer loads anew. */
  readonly feedMax?: number;
  /** Silence after which a connection with calls under way is given up: 50 to 60,000 ms. */
  readonly silence?: Millis;
  /** Silent by default. */
  readonly logger?: LogLevel | "silent" | Logger;
  /** Where the metrics go; a registry of its own by default. */
  readonly registry?: Registry;
  /** Closes the scheduler when it aborts. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedScheduler extends Scheduler {
  /** As the reference scheduler's; besides, it refuses to start on a Redis that cannot be used as declared, and is closed then.
   * @throws LayoutError, TopologyError, AccessError; ClosedError when closed before
   */
  start(): Promise<void>;
  readonly registry: Registry;
}

const defaults = { prefix: "lp:", name: "scheduler", feedMax: 100_000, silence: 1_000 } as const;

/** Connects nothing yet: `start` does.
 * @throws SettingsError, AddressError, PrefixError, OptionsError
 */
export function createScheduler(options: SchedulerOptions): EmbeddedScheduler {
  const settings = resolveSettings(options.settings ?? {});
  const { partitions } = settings;
  const { feedMax, name, prefix, silence } = checked(options);
  const topology = placeFor(options);
  const log = createLog(name, options.logger);
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {}); // told by `start`, or later on by the calls
  const onRefused = (refusal: Refusal): void => {
    log.error("Redis cannot be used as declared", refusal);
    refused.reject(refusal);
  };
  const store = createRedisStore({ topology, name, prefix, partitions, feedMax, silence, onRefused });
  const feed = createRedisFeed({ topology, name, prefix, partitions, silence, nodes: store.nodes });
  const ports = { clock: systemClock, store, feed, random: systemRandom };
  const core = createCore(ports, options.settings, (event) => observe(event));
  const metrics = createMetrics({
    scheduler: name,
    ...(options.registry && { registry: options.registry }),
    ttlSpread: settings.ttlSpread,
    now: () => {
      const { calls, connected, mode } = core.status();
      return { commands: store.standing(), subscriber: connected ? 1 : 0, underWay: calls, mode };
    },
  });
  const callBack = callingBack(options, (callback, error) => {
    metrics.callbackFailed(callback);
    log.error(`${callback} failed`, error);
  });
  const observe = (event: SchedulerEvent): void => {
    metrics.observe(event);
    log.observe(event);
    callBack(event);
  };
  const life = livingOn({
    core,
    store,
    refused: refused.promise,
    log,
    signal: options.signal,
    onClosed: metrics.close,
  });
  return Object.assign(core, { ...life, registry: metrics.registry });
}

interface Lifetime {
  readonly core: Scheduler;
  readonly store: RedisStore;
  readonly refused: Promise<never>;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
  readonly onClosed: () => void;
}

/** `start` and `close` around the core's own. */
function livingOn({ core, log, onClosed, refused, signal, store }: Lifetime): Pick<Scheduler, "start" | "close"> {
  const startCore = core.start.bind(core);
  const closeCore = core.close.bind(core);
  let starting: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  const begin = async (): Promise<void> => {
    try {
      await Promise.race([store.connect().then(startCore), refused]);
    } catch (error) {
      await close().catch(() => {}); // it would say the same again
      throw error;
    }
  };
  const end = async (): Promise<void> => {
    signal?.removeEventListener("abort", abort);
    try {
      await closeCore();
    } finally {
      onClosed();
    }
  };
  const close = (): Promise<void> => {
    closing ??= end();
    return closing;
  };
  const abort = (): void => {
    close().catch((error: unknown) => log.error("closed after a fault", error));
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return {
    start() {
      starting ??= begin();
      return starting;
    },
    close,
  };
}

function placeFor({ redis, tls }: SchedulerOptions): Topology {
  if (!isExistingClient(redis)) return topologyOf(redis, tls);
  if (tls === undefined) return topologyOfClient(redis);
  throw new OptionsError("tls", "tls beside an ioredis client", "the client's own");
}

function checked(
  options: SchedulerOptions,
): typeof defaults extends infer D ? { [K in keyof D]: D[K] extends string ? string : number } : never {
  const { feedMax, name, prefix, silence } = { ...defaults, ...options };
  if (!/^[\w.-]{1,64}$/u.test(name))
    throw new OptionsError("name", JSON.stringify(name).slice(0, 80), "1 to 64 of A-Z a-z 0-9 _ . -");
  if (!Number.isInteger(feedMax) || feedMax < 1 || feedMax > 1_000_000) {
    throw new OptionsError("feedMax", String(feedMax), "an integer from 1 to 1000000");
  }
  if (!(silence >= 50 && silence <= 60_000)) throw new OptionsError("silence", String(silence), "50 to 60000 ms");
  return { feedMax, name, prefix: checkPrefix(prefix), silence };
}
