/**
 * Program: a small scheduler with keys and scripts of its own, behind the line protocol. Its arguments name a flaw, without which it is right, and the level
 * that it claims. A call of an operation that it does not claim ends it.
 * It shares nothing with the reference but the reading and writing of lines.
 */
import { Redis } from "ioredis";
import { levels } from "../../../src/sut/levels.ts";
import { type Ask, ops, type SentReply } from "../../../src/sut/protocol.ts";
import { OpError, type System, serve } from "../../../src/sut/serve.ts";

const [flaw = "", level = "2"] = process.argv.slice(2);
const claimed = levels.filter((each) => each.level <= Number(level));
const timeout = 30;
const pollEvery = 15;

/** KEYS: node, jobs, done. Every script drops what has lapsed first; after a time in which no script ran, nothing lapses for a TTL. */
const common = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(redis.call('GET', 'own:ttl') or 0)
local seen = tonumber(redis.call('GETSET', 'own:seen', now) or now)
if now - seen > ttl / 2 ${flaw === "forgets-outages" ? "and false" : ""} then redis.call('SET', 'own:spared', now + ttl) end
local spared = tonumber(redis.call('GET', 'own:spared') or 0) > now
if not spared ${flaw === "never-lapses" ? "and false" : ""} then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now) end
local version = function() return redis.call('INCR', 'own:version') end
local online = function() return redis.call('HGET', KEYS[1], 'gone') == '0' and (spared or tonumber(redis.call('HGET', KEYS[1], 'until')) > now) end
`;

const scripts = {
  register: `${common}
    if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then return {'already', redis.call('HGET', KEYS[1], 'incarnation')} end
    local current = redis.call('HGET', KEYS[1], 'incarnation')
    if ARGV[6] ~= '' and (current or 'none') ~= ARGV[6] then return {'conflict', current} end
    local at = version()
    redis.call('DEL', KEYS[2]${flaw === "forgets-finished" ? ", KEYS[3]" : ""})
    redis.call('SADD', 'own:nodes', ARGV[2])
    redis.call('HSET', KEYS[1], 'token', ARGV[1], 'incarnation', 'i' .. at, 'offer', ARGV[3], 'capacity', ARGV[4], 'until', now + ARGV[5], 'gone', 0, 'seq', -1, 'version', at)
    return {'registered', 'i' .. at}`,
  heartbeat: `${common}
    local current = redis.call('HGET', KEYS[1], 'incarnation')
    if not current then return {'unknown_node'} end
    if current ~= ARGV[1] ${flaw === "any-incarnation" ? "and false" : ""} then return {'superseded'} end
    if redis.call('HGET', KEYS[1], 'gone') == '1' then return {'not_online'} end
    local last = tonumber(redis.call('HGET', KEYS[1], 'seq'))
    if tonumber(ARGV[2]) == last then return {'already'} end
    if tonumber(ARGV[2]) < last ${flaw === "late-heartbeats" ? "and false" : ""} then return {'stale'} end
    redis.call('HSET', KEYS[1], 'seq', ARGV[2], 'until', now + ARGV[3])
    for i = 5, #ARGV do
      if redis.call('ZSCORE', KEYS[2], ARGV[i]) then redis.call('ZADD', KEYS[2], ${flaw === "shortens-leases" ? "'XX'" : "'GT'"}, now + ARGV[4], ARGV[i]) end
    end
    return {'renewed'}`,
  offline: `${common}
    local current = redis.call('HGET', KEYS[1], 'incarnation')
    if not current then return {'unknown_node'} end
    if ARGV[1] ~= '' and current ~= ARGV[1] then return {'superseded'} end
    if redis.call('HGET', KEYS[1], 'gone') == '1' then return {'already'} end
    redis.call('HSET', KEYS[1], 'gone', ${flaw === "stays-online" ? 0 : 1}, 'version', version())
    redis.call('DEL', KEYS[2])
    return {'offline'}`,
  reserve: `${common}
    if redis.call('ZSCORE', KEYS[3], ARGV[1]) ${flaw === "runs-again" ? "and false" : ""} then return {'finished'} end
    if redis.call('ZSCORE', KEYS[2], ARGV[1]) ${flaw === "reserves-twice" ? "and false" : ""} then return {'already'} end
    if not online() then return {'not_online'} end
    local capacity = tonumber(redis.call('HGET', KEYS[1], 'capacity'))
    if ${flaw === "always-full"} or redis.call('ZCARD', KEYS[2]) >= capacity ${flaw === "over-commits" ? "+ 10" : ""} then return {'full'} end
    redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
    redis.call('HSET', KEYS[1], 'version', version())
    return {'reserved'}`,
  complete: `${common}
    if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then
      redis.call('ZADD', KEYS[3], now, ARGV[1])
      redis.call('HSET', KEYS[1], 'version', version())
      return {'completed'}
    end
    return {redis.call('ZSCORE', KEYS[3], ARGV[1]) and 'completed' or 'unknown'}`,
  release: `${common}
    if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return {'unknown'} end
    redis.call('HSET', KEYS[1], 'version', version())
    return {'completed'}`,
  read: `${common}
    local found = redis.call('HMGET', KEYS[1], 'incarnation', 'offer', 'capacity', 'version', 'gone')
    return {found[1], found[2], found[3], found[4], online() and 'online' or (found[5] == '1' and 'offline' or 'expired'), redis.call('ZCARD', KEYS[2])}`,
} as const;

type Content = NonNullable<SentReply<"status">["contents"]>[number];

class OwnScheduler {
  readonly #redis: Redis;
  readonly #settings: Readonly<Record<string, number>>;
  readonly #random = Math.random;
  #view = new Map<string, Content>();
  #seenAt = performance.now();
  mode: "normal" | "l2_only" = "normal";

  constructor(url: string, settings: Readonly<Record<string, number>>) {
    const retry = { maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 20 } as const;
    this.#redis = new Redis(url, { ...retry, autoResendUnfulfilledCommands: false, connectTimeout: 200 });
    this.#redis.on("error", () => {});
    this.#settings = settings;
  }

  setting(name: string, standard: number): number {
    return this.#settings[name] ?? standard;
  }

  async ready(): Promise<void> {
    while (this.#redis.status !== "ready") await pause(5);
    await this.#redis.set("own:ttl", this.setting("heartbeatTtl", 15_000));
    void this.#follow();
  }

  async run(
    script: keyof typeof scripts,
    node: string,
    ...args: readonly (string | number)[]
  ): Promise<readonly string[]> {
    if (this.mode !== "normal" && script !== "read") throw new OpError("disconnected", true, "not sent while degraded");
    const keys = [`own:node:${node}`, `own:jobs:${node}`, `own:done:${node}`];
    const answer = this.#redis.eval(scripts[script], keys.length, ...keys, ...args) as Promise<readonly string[]>;
    return await inTime(answer);
  }

  node(node: string): Content | undefined {
    return this.#view.get(node);
  }

  get nodes(): readonly Content[] {
    return [...this.#view.values()];
  }

  get age(): number {
    return performance.now() - this.#seenAt;
  }

  ttl(): number {
    const spread = this.setting("ttlSpread", 0.2);
    return Math.round(this.setting("heartbeatTtl", 15_000) * (1 - spread + 2 * spread * this.#random()));
  }

  /** Reads all nodes again and again; a read that is late or fails is the end of `normal`. */
  async #follow(): Promise<void> {
    for (;;) {
      const asked = performance.now();
      try {
        const names = await inTime(this.#redis.smembers("own:nodes"));
        const view = new Map<string, Content>();
        for (const read of await Promise.all(
          names.map(async (name) => [name, await this.run("read", name)] as const),
        )) {
          view.set(read[0], contentOf(...read));
        }
        if (flaw === "keeps-lost") for (const [name, lost] of this.#view) if (!view.has(name)) view.set(name, lost);
        if (flaw !== "old-views" || this.#view.size === 0) this.#view = view;
        this.#seenAt = asked;
        this.mode = "normal";
      } catch {
        if (flaw !== "never-degrades") this.mode = "l2_only";
      }
      await pause(pollEvery);
    }
  }
}

function contentOf(
  node: string,
  [incarnation = "", offer = "", capacity, version, status, jobs]: readonly string[],
): Content {
  const { languages, pools, services } = JSON.parse(offer) as Pick<Content, "languages" | "pools" | "services">;
  return {
    ...{ node, incarnation, pools, languages, services, health_milli: 500, status: status as Content["status"] },
    ...{ version: { epoch: "own", sequence: Number(version) }, max_jobs: Number(capacity), current_jobs: Number(jobs) },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new OpError("deadline", false, "no answer in time")), timeout);
  answer.catch(() => {}); // it may fail later
  try {
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    if (error instanceof OpError) throw error;
    throw new OpError("disconnected", false, String(error));
  } finally {
    clearTimeout(timer);
  }
}

type Performers = {
  readonly [O in Exclude<Ask["op"], "init" | "shutdown" | "put_config">]: (ask: Ask<O>) => Promise<object>;
};

function performersOf(own: OwnScheduler): Performers {
  const missed = new Set<string>();
  const outcome = async (answer: Promise<readonly string[]>) => ({ outcome: (await answer)[0] });
  const lease = (ask: { readonly lease_ms?: number | undefined }) => ask.lease_ms ?? own.setting("lease", 60_000);
  return {
    async register_node({ expected = "", languages, max_jobs, node, pools, registration = "", services }) {
      const offer = JSON.stringify({ languages, pools, services });
      const [found, incarnation] = await own.run(
        "register",
        node,
        registration,
        node,
        offer,
        max_jobs,
        own.ttl(),
        expected ?? "none",
      );
      return { outcome: found, incarnation };
    },
    heartbeat: ({ incarnation, node, running, seq }) =>
      outcome(own.run("heartbeat", node, incarnation, seq, own.ttl(), own.setting("lease", 60_000), ...running)),
    offline_node: ({ incarnation = "", node }) => outcome(own.run("offline", node, incarnation)),
    reserve_job: (ask) => outcome(own.run("reserve", ask.node, ask.job, lease(ask))),
    complete_job: ({ job, node }) => outcome(own.run("complete", node, job)),
    release_job: ({ job, node }) => outcome(own.run("release", node, job)),
    async get_node({ node }) {
      const content = missed.has(node) ? undefined : own.node(node);
      if (content === undefined && flaw === "keeps-misses") missed.add(node);
      const where = { source: "l2", age_ms: own.age, stale: own.mode !== "normal", mode: own.mode };
      return { found: content !== undefined, ...where, ...(content && { content }) };
    },
    async select_nodes({ count, pool, services, source, target }) {
      const right = own.nodes.filter(
        (node) =>
          node.status === "online" &&
          node.current_jobs < node.max_jobs &&
          (pool === undefined || flaw === "any-pool" || node.pools.includes(pool)) &&
          node.languages.some((pair) => pair.source === source && pair.target === target) &&
          services.every((service) => node.services.includes(service)),
      );
      const contents = right.sort(() => Math.random() - 0.5).slice(0, count);
      return { nodes: contents.map(({ node }) => node), contents, mode: own.mode };
    },
    async status({ contents = false }) {
      return { mode: own.mode, view: {}, ...(contents && { contents: [...own.nodes] }) };
    },
  };
}

async function open({ redis, settings }: Ask<"init">): Promise<System> {
  const own = new OwnScheduler(redis, settings);
  await own.ready();
  const performers = performersOf(own);
  const claims = claimed.flatMap(({ properties }) => properties).filter((id) => id !== "V1");
  const named = claimed.flatMap((each) => each.ops);
  return {
    about: {
      name: "own-keys",
      version: flaw,
      capabilities: { ops: ops.filter((op) => named.includes(op)), properties: claims },
    },
    perform: (request) => {
      if (!named.includes(request.op)) process.exit(9);
      const perform = performers[request.op as keyof Performers] as ((ask: unknown) => Promise<never>) | undefined;
      if (perform === undefined) throw new OpError("unsupported", true, `no ${request.op}`);
      return perform(request);
    },
    close: async () => {},
  };
}

await serve({ input: process.stdin, output: process.stdout, open });
process.exit(0);
