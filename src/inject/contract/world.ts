/** The environment of a check of the contract: a fresh Redis behind a relay, stores and feeds that connect through the relay, and one that does not. */
import type { Millis } from "../../check/history.ts";
import type { Lab } from "../../lab/lab.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import type { RedisModules } from "../../mutants/redis-clients.ts";
import type { Answer, Failure, RegisterReply, ReserveReply } from "../../protocol/replies.ts";
import { createConnection } from "../../redis/connection/connection.ts";
import { compileScripts, createRedisStore as createOwnStore, type RedisStore } from "../../redis/store.ts";
import type { FeedListener } from "../../scheduler/ports.ts";
import { Relay } from "./relay.ts";

export interface ContractWorld {
  readonly lab: Lab;
  readonly redis: RedisServer;
  readonly relay: Relay;
  readonly modules: RedisModules;
  /** Connected through the relay, by the code that is being checked. */
  store(options?: {
    readonly mostInFlight?: number;
    readonly name?: string;
    readonly silence?: Millis;
  }): Promise<RedisStore>;
  /** The same, not yet connected. */
  unconnected(): RedisStore;
  /** Subscribes through the relay, by the code that is being checked. */
  feed(listener: Partial<FeedListener>): void;
  /** The same, beside a store. */
  feedOf(store: RedisStore, listener: Partial<FeedListener>): void;
  /** Connected without the relay, by the unchanged code: shows what the server holds. */
  direct(): Promise<RedisStore>;
  /** Closes it when the check is over. */
  keep<Kept extends { close(): Promise<void> }>(kept: Kept): Kept;
}

export const wire = { prefix: "lp:", partitions: 1, feedMax: 100_000 } as const;
/** The silence after which connections are closed: short, so that checks are quick. */
export const silence: Millis = 300;
/** Between two pings of a subscription. */
export const pingEvery: Millis = 100;
export const callTimeout: Millis = 2_000;
/** For effects that follow a call within its timeout. */
export const endsWithin = { timeout: callTimeout, interval: 5 } as const;

export async function withWorld<Result>(
  lab: Lab,
  modules: RedisModules,
  work: (world: ContractWorld) => Promise<Result>,
): Promise<Result> {
  await using cleanup = new AsyncDisposableStack();
  const redis = cleanup.use(await lab.redis());
  const relay = cleanup.use(await Relay.open(redis.port));
  await preload(redis, modules);
  const keep = <Kept extends { close(): Promise<void> }>(kept: Kept): Kept => {
    cleanup.defer(async () => {
      redis.resume();
      await kept.close();
    });
    return kept;
  };
  const unconnected = (options: object = {}): RedisStore =>
    keep(modules.createRedisStore({ url: relay.url, ...wire, silence, ...options }));
  const connected = async (store: RedisStore): Promise<RedisStore> => {
    await store.connect();
    return store;
  };
  const subscribe = (listener: Partial<FeedListener>, more: Partial<Pick<RedisStore, "onRenewed">> = {}): void => {
    const { partitions, prefix } = wire;
    const feed = keep(modules.createRedisFeed({ url: relay.url, prefix, partitions, silence, pingEvery, ...more }));
    feed.start({ woken() {}, connected() {}, disconnected() {}, ...listener });
  };
  return await work({
    ...{ lab, redis, relay, modules, keep },
    unconnected,
    store: async (options) => await connected(unconnected(options)),
    feed: (listener) => subscribe(listener),
    feedOf: ({ onRenewed }, listener) => subscribe(listener, { onRenewed }),
    direct: async () => await connected(keep(createOwnStore({ url: redis.url, ...wire }))),
  });
}

/** Loads the scripts, so that every call finds its script unless a check removes it. */
export async function preload({ url }: RedisServer, { loadScripts }: RedisModules): Promise<void> {
  const client = createConnection(
    { url, silence: callTimeout, reconnectAfter: () => 10, name: "contract" },
    "commands",
  );
  await client.connect();
  try {
    await compileScripts(client, loadScripts());
  } finally {
    client.disconnect();
  }
}

const offer = { pools: ["a"], languages: [{ source: "de", target: "en" }], services: ["s"] };

export function register(store: RedisStore, node = "n1", maxJobs = 100_000): Promise<Answer<RegisterReply>> {
  const leave = { pools: [], languages: [] };
  const registration = { registration: `token of ${node}`, expected: null, max_jobs: maxJobs, ttl: 60_000, leave };
  return store.registerNode({ partition: 0, node, ...registration, ...offer }, callTimeout);
}

/** @throws Error where the node cannot register: then the check proves nothing */
export async function registered(store: RedisStore, node = "n1", maxJobs?: number): Promise<void> {
  const answer = await register(store, node, maxJobs);
  if (answer.kind !== "registered")
    throw new Error(`the check could not begin: register_node answered ${inWords(answer)}`);
}

export function reserve(store: RedisStore, job: string, deadline: Millis = callTimeout): Promise<Answer<ReserveReply>> {
  return store.reserveJob({ partition: 0, node: "n1", job, lease: 60_000, seen: 0 }, deadline);
}

/** Whether the server holds the job's place. */
export async function holds({ redis }: ContractWorld, job: string): Promise<boolean> {
  const score = await redis.ask("ZSCORE", "lp:{p0}:jobs:n1", job);
  return score.startsWith("$") && score.length > 1 && score !== "$-1";
}

/** Resolves when a read is answered; null: not within `timeout`. */
export async function answeredAgain(store: RedisStore, timeout: Millis): Promise<true | null> {
  const question = { partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 };
  const look = async (): Promise<true | undefined> =>
    (await store.changesSince(question, 100)).kind === "failed" ? undefined : true;
  return (await waitFor(look, { timeout, interval: 10 })) ?? null;
}

export function inWords(answer: { readonly kind: string } | Failure): string {
  return "applied" in answer ? `${answer.cause}, applied: ${answer.applied} (${answer.message})` : answer.kind;
}
