/**
 * The scheduler for a program of one's own: `import { createScheduler } from "lockproof/scheduler"`. It puts the reference scheduler on
 * real connections, and adds what operation needs: metrics, logs, callbacks, errors at the edge. See docs/embedding.md.
 */
import "./node-version.ts";

import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { Registry } from "prom-client";
import type { Millis } from "../protocol/time.ts";
import { type ExistingClient, isExistingClient, topologyOfClient } from "../redis/connection/existing.ts";
import {
  type ClusterAddresses,
  type SentinelAddresses,
  type Topology,
  topologyOf,
} from "../redis/connection/topology.ts";
import type { Refusal } from "../redis/errors.ts";
import { createRedisFeed } from "../redis/feed.ts";
import { checkPrefix } from "../redis/scripts/keys.ts";
import { createRedisStore } from "../redis/store.ts";
import { systemClock, systemRandom } from "../redis/system.ts";
import type { Scheduler, StartOptions } from "../scheduler/api.ts";
import type { SchedulerEvent } from "../scheduler/events.ts";
import { createScheduler as createCore } from "../scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../scheduler/settings.ts";
import { type Callbacks, eventListener, reportOrphans } from "./callbacks.ts";
import { OptionsError } from "./errors.ts";
import { lifetimeOf } from "./lifetime.ts";
import { createLog, type Logger, type LogLevel, shown } from "./log.ts";
import { createMetrics } from "./metrics.ts";

export type { ConfigContent, PoolConfig, StoredConfig } from "../protocol/configuration.ts";
export type {
  LanguagePair,
  Membership,
  MetricName,
  Metrics,
  NodeContent,
  NodeState,
  NodeStatus,
} from "../protocol/node.ts";
export type {
  Answer,
  FailedCandidate,
  Failure,
  FinishReply,
  HeartbeatReply,
  OfflineReply,
  PutConfigReply,
  RegisterReply,
  ReserveReply,
} from "../protocol/replies.ts";
export type { Instant, Millis } from "../protocol/time.ts";
export type { PartitionTag, Version } from "../protocol/version.ts";
export type { ExistingClient } from "../redis/connection/existing.ts";
export type { Address, ClusterAddresses, SentinelAddresses } from "../redis/connection/topology.ts";
export { AccessError, AddressError, TopologyError } from "../redis/errors.ts";
export { PrefixError } from "../redis/scripts/keys.ts";
export type { OrphanedJobs, OrphansCallback, Scheduler, StartOptions, Status } from "../scheduler/api.ts";
export type { CallOptions } from "../scheduler/calls/calls.ts";
export { ClosedError, type Complaint, InvalidInputError, LayoutError, SettingsError } from "../scheduler/errors.ts";
export type {
  EventPayload,
  Operation,
  Orphans,
  Progress,
  ResyncReason,
  SchedulerEvent,
  Source,
} from "../scheduler/events.ts";
export type { NodeOffer, ReportedMetrics } from "../scheduler/input.ts";
export type { Mode, ModeCause } from "../scheduler/mode/mode.ts";
export type { NodeAnswer } from "../scheduler/reading/reads.ts";
export type { Dispatched, DispatchOptions, DispatchRequest } from "../scheduler/selection/dispatch.ts";
export type { HealthWeights } from "../scheduler/selection/health.ts";
export type { Selection, SelectionRequest } from "../scheduler/selection/select.ts";
export type { Settings } from "../scheduler/settings.ts";
export type { HeartbeatRequest, RegisterRequest, ReserveOptions } from "../scheduler/writing/writes.ts";
export type { Callbacks } from "./callbacks.ts";
export { OptionsError } from "./errors.ts";
export type { Logger, LogLevel } from "./log.ts";
export { NodeVersionError } from "./node-version.ts";

export interface SchedulerOptions extends Callbacks {
  /** `redis://…` or `rediss://…`, Sentinels, some nodes of a Cluster, or an ioredis client (its address and user are then used). */
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
  /** Silence after which a connection with calls in flight is given up: 50 to 60,000 ms. */
  readonly silence?: Millis;
  /** Silent by default. */
  readonly logger?: LogLevel | "silent" | Logger;
  /** Where the metrics go; a registry of its own by default. */
  readonly registry?: Registry;
  /** Closes the scheduler when it aborts. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedScheduler extends Scheduler {
  /** Like the core scheduler's `start`; besides, it refuses to start on a Redis that cannot be used as declared, and is closed then.
   * The options of the first call count.
   * @throws LayoutError, TopologyError, AccessError; ClosedError when closed before
   */
  start(options?: StartOptions): Promise<void>;
  readonly registry: Registry;
}

/** Room for calls in flight that `maxCalls` does not count: the instance's own, and those that were given up and not answered yet. */
const notOfClients = 10_000;

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
  refused.promise.catch(() => {}); // reported by `start`, or later on by the calls
  const onRefused = (refusal: Refusal): void => {
    log.error("Redis cannot be used as declared", refusal);
    refused.reject(refusal);
  };
  const mostInFlight = settings.maxCalls + notOfClients;
  const store = createRedisStore({ topology, name, prefix, partitions, feedMax, silence, onRefused, mostInFlight });
  const feed = createRedisFeed({
    topology,
    name,
    prefix,
    partitions,
    silence,
    nodes: store.nodes,
    onRenewed: store.onRenewed,
  });
  const ports = { clock: systemClock, store, feed, random: systemRandom };
  const core = createCore(ports, options.settings, (event) => observe(event));
  const metrics = createMetrics({
    scheduler: name,
    ...(options.registry && { registry: options.registry }),
    ttlSpread: settings.ttlSpread,
    now: () => {
      const { calls, connected, mode } = core.status();
      return { commands: store.standing(), subscriber: connected ? 1 : 0, inFlight: calls, mode };
    },
  });
  const failed = (callback: string, error: unknown): void => {
    metrics.callbackFailed(callback);
    log.error(`${callback} failed`, error);
  };
  const notify = eventListener(options, failed);
  reportOrphans(core, options, failed);
  const observe = (event: SchedulerEvent): void => {
    metrics.observe(event);
    log.observe(event);
    notify(event);
  };
  const life = lifetimeOf({
    core,
    store,
    refused: refused.promise,
    log,
    signal: options.signal,
    onClosed: metrics.close,
  });
  return Object.assign(core, { ...life, registry: metrics.registry });
}

function placeFor({ redis, tls }: SchedulerOptions): Topology {
  if (!isExistingClient(redis)) return topologyOf(redis, tls);
  if (tls === undefined) return topologyOfClient(redis);
  throw new OptionsError("tls", "tls beside an ioredis client", "the client's own");
}

interface Checked {
  readonly feedMax: number;
  readonly name: string;
  readonly prefix: string;
  readonly silence: Millis;
}

function checked(options: SchedulerOptions): Checked {
  const name = options.name ?? "scheduler";
  const feedMax = options.feedMax ?? 100_000;
  const silence = options.silence ?? 1_000;
  if (typeof name !== "string" || !/^[\w.-]{1,64}$/u.test(name))
    throw new OptionsError("name", shown(String(name)), "1 to 64 of A-Z a-z 0-9 _ . -");
  if (!Number.isInteger(feedMax) || feedMax < 1 || feedMax > 1_000_000) {
    throw new OptionsError("feedMax", String(feedMax), "an integer from 1 to 1000000");
  }
  if (!(silence >= 50 && silence <= 60_000)) throw new OptionsError("silence", String(silence), "50 to 60000 ms");
  return { feedMax, name, prefix: checkPrefix(options.prefix ?? "lp:"), silence };
}
