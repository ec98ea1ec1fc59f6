import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { applyMutant } from "../../src/mutants/scripts.ts";
import type { Answer, RegisterReply } from "../../src/protocol/replies.ts";
import type { Version } from "../../src/protocol/version.ts";
import { leastPrivilege, scriptCommands } from "../../src/redis/acl.ts";
import { createRedisFeed } from "../../src/redis/feed.ts";
import { loadScripts, ScriptError } from "../../src/redis/scripts/scripts.ts";
import { compileScripts, createRedisStore, type RedisStore, type RedisStoreOptions } from "../../src/redis/store.ts";
import type { FeedListener } from "../../src/scheduler/ports.ts";

let lab: Lab;
let server: RedisServer;
let admin: Redis;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
  admin = new Redis(server.url);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(async () => {
  admin.disconnect();
  await lab[Symbol.asyncDispose]();
});
beforeEach(async () => {
  server.resume();
  await admin.flushall();
});

const wire = { prefix: "lp:", partitions: 2, feedMax: 100 };
const languages = [{ source: "de", target: "en" }];

async function connected(options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = createRedisStore({ url: server.url, ...wire, ...options });
  open.push(store);
  await store.connect();
  return store;
}

function register(
  store: RedisStore,
  node = "n1",
  registration = "t1",
  expected: string | null = null,
): Promise<Answer<RegisterReply>> {
  const request = { partition: 0, node, registration, max_jobs: 1, ttl: 5_000, pools: ["a"], languages, services: [] };
  return store.registerNode({ ...request, expected }, 2_000);
}

const reserve = (store: RedisStore, job = "j1", deadline = 2_000) =>
  store.reserveJob({ partition: 0, node: "n1", job, lease: 60_000, seen: 0 }, deadline);

async function until(condition: () => boolean | Promise<boolean>, deadline = 5_000): Promise<void> {
  const end = performance.now() + deadline;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadline} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("the server's own clock", () => {
  it("sets the expiry when no clock is passed in", async () => {
    const store = await connected();
    const before = Number((await admin.time())[0]) * 1000;
    expect(await register(store)).toMatchObject({ kind: "registered" });
    const expires = Number(await admin.zscore("lp:{p0}:expiry", "n1"));
    expect(expires).toBeGreaterThanOrEqual(before + 5_000);
    expect(expires).toBeLessThan(before + 5_000 + 10_000);
  });
});

describe("a script that the server has forgotten", () => {
  it("is sent again whole, once", async () => {
    const store = await connected();
    await register(store);
    await admin.script("FLUSH");
    expect(await reserve(store)).toMatchObject({ kind: "reserved" });
    expect(await admin.zcard("lp:{p0}:jobs:n1")).toBe(1);
  });
});

describe("a call past its deadline", () => {
  it("fails in time, says that it may have happened, and did", async () => {
    const store = await connected({ silence: 60_000 });
    await register(store);
    await server.pause();
    const start = performance.now();
    const answer = await reserve(store, "j1", 30);
    expect(answer).toMatchObject({ kind: "failed", cause: "deadline", applied: "unknown" });
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
    server.resume();
    await until(async () => (await admin.zcard("lp:{p0}:jobs:n1")) === 1);
    expect(await reserve(store)).toMatchObject({ kind: "already" });
  });

  it("does not let calls pile up: one more than allowed is refused unsent", async () => {
    const store = await connected({ silence: 60_000, mostInFlight: 3 });
    await register(store);
    await server.pause();
    const answers = await Promise.all(["a", "b", "c", "d"].map((job) => reserve(store, job, 20)));
    expect(answers.map((answer) => "cause" in answer && answer.cause)).toEqual([
      "deadline",
      "deadline",
      "deadline",
      "overloaded",
    ]);
    server.resume();
    await until(async () => !("cause" in (await reserve(store, "e"))));
  });
});

describe("a connection that is lost", () => {
  it("fails calls at once, unsent, and comes back by itself", async () => {
    const store = await connected();
    await register(store);
    await server.kill();
    await until(() => store.client.status !== "ready");
    expect(await reserve(store)).toMatchObject({ kind: "failed", cause: "disconnected", applied: "no" });
    await server.start();
    await until(async () => !("cause" in (await reserve(store))));
    expect(await reserve(store)).toMatchObject({ kind: "not_online" }); // its data are gone
  });

  it("is given up when it stays silent with a call in flight", async () => {
    const store = await connected({ silence: 100 });
    await server.pause();
    expect(await reserve(store, "j1", 20)).toMatchObject({ cause: "deadline" });
    await until(() => store.client.status !== "ready");
    server.resume();
    await until(async () => !("cause" in (await reserve(store))));
  });
});

describe("a key that holds something else", () => {
  const keys = ["meta", "feed", "nodes", "expiry", "leases", "node:n1", "jobs:n1", "done:n1"];

  it.each(keys)("%s stops every script before its first write", async (name) => {
    const store = await connected();
    await register(store);
    await reserve(store);
    const incarnation = (await admin.hget("lp:{p0}:node:n1", "incarnation")) ?? "";
    const key = `lp:{p0}:${name}`;
    await admin.del(key);
    await admin.set(key, "not ours");
    const before = await content();
    const metrics = { cpu: 1, gpu: 1, memory: 1, load: 1, latency_ms: 1, error_rate: 1 };
    const beat = {
      partition: 0,
      node: "n1",
      incarnation,
      seq: 9,
      chunk: 0,
      ttl: 9,
      lease: 90_000,
      health_milli: 1_000,
      metrics,
    };
    const calls = [
      register(store, "n1", "t2", incarnation),
      store.heartbeat({ ...beat, running: ["j1"] }, 2_000),
      reserve(store, "j2"),
      store.completeJob({ partition: 0, node: "n1", job: "j1", doneFor: 1_000, doneMax: 10 }, 2_000),
      store.releaseJob({ partition: 0, node: "n1", job: "j1" }, 2_000),
      store.offlineNode({ partition: 0, node: "n1", incarnation, retention: 1_000 }, 2_000),
    ];
    let stopped = 0;
    for (const call of calls) {
      const answer = await call;
      if (!("cause" in answer)) continue; // does not use this key
      expect(answer).toMatchObject({ cause: "wrong_type", applied: "no" });
      stopped += 1;
    }
    expect(stopped).toBeGreaterThan(0);
    if (stopped === calls.length) expect(await content()).toEqual(before);
  });

  async function content(): Promise<unknown> {
    const keysNow = (await admin.keys("*")).sort();
    return Promise.all(keysNow.map(async (key) => [key, (await admin.dumpBuffer(key))?.toString("base64")]));
  }
});

describe("a user with the documented rights and no others", () => {
  it("can do all that the scheduler does", async () => {
    await admin.acl("SETUSER", "scheduler", ...leastPrivilege("lp:"), ">secret");
    const url = server.url.replace("redis://", "redis://scheduler:secret@");
    const store = await connected({ url });
    const registered = await register(store);
    expect(registered).toMatchObject({ kind: "registered" });
    expect(await reserve(store)).toMatchObject({ kind: "reserved" });
    const sweep = { partition: 0, retention: 1, limit: 1, jobLimit: 1, gap: 86_400_000, grace: 0, offset: 0 };
    expect(await store.sweep({ ...sweep, candidates: [] }, 2_000)).toMatchObject({ kind: "swept" });
    await compileScripts(store.client, loadScripts());
    const woken = await wakeUp(url, () => register(store, "n2", "t2"));
    expect(woken.sequence).toBe(3);
  });

  it("reaches nothing but its prefix, whatever characters that has", async () => {
    const prefix = "a*[b]?\\^:";
    await admin.acl("SETUSER", "literal", ...leastPrivilege(prefix), ">secret");
    const may = (key: string) => admin.call("ACL", "DRYRUN", "literal", "HGETALL", key);
    expect(await may(`${prefix}{p0}:meta`)).toBe("OK");
    for (const other of ["axb?\\^:", "a*[b]x\\^:", "a*b?\\^:", "a*[b]?^:", "a"]) {
      expect(await may(`${other}{p0}:meta`)).toMatch(/no permissions/);
    }
  });

  it.each([...scriptCommands, "evalsha", "subscribe"])(
    "is reported when it lacks %s, and nothing is written",
    async (command) => {
      await admin.acl("SETUSER", "lacking", ...leastPrivilege("lp:"), `-${command}`, ">secret");
      const store = await connected({ url: server.url.replace("redis://", "redis://lacking:secret@") });
      const answer = await register(store);
      expect(answer).toMatchObject({ kind: "failed", cause: "denied", applied: "no" });
      expect(answer).toHaveProperty("message", expect.stringContaining(`+${command}`));
      expect(await admin.dbsize()).toBe(0);
    },
  );
});

describe("the number of partitions", () => {
  it("is fixed at first use: an instance that disagrees is refused, and nothing is written", async () => {
    await register(await connected());
    const other = await connected({ partitions: 4 });
    expect(await reserve(other)).toMatchObject({ kind: "failed", cause: "layout_mismatch", applied: "no" });
    expect(await admin.exists("lp:{p0}:jobs:n1")).toBe(0);
  });
});

describe("a script that Redis does not compile", () => {
  it("is named, with what Redis says", async () => {
    const store = await connected();
    const broken = loadScripts(undefined, (file, source) => (file === "sweep.lua" ? `${source} end end` : source));
    await expect(compileScripts(store.client, broken)).rejects.toThrow(ScriptError);
    await expect(compileScripts(store.client, broken)).rejects.toThrow(/sweep\.lua/u);
  });
});

describe("the mutants of the scripts", () => {
  it("are scripts that Redis compiles: one that is none would prove nothing", async () => {
    const store = await connected();
    for (const mutant of scriptMutants) await compileScripts(store.client, applyMutant(mutant));
    expect(scriptMutants.length).toBeGreaterThan(80);
  });
});

describe("the feed", () => {
  it("wakes with the version of a change", async () => {
    const store = await connected();
    const version = await wakeUp(server.url, () => register(store));
    expect(version.sequence).toBe(1);
  });

  it("reports a lost connection and reconnects by itself", async () => {
    const seen: string[] = [];
    const feed = createRedisFeed({ url: server.url, ...wire });
    open.push(feed);
    feed.start({
      woken: () => void seen.push("woken"),
      connected: () => void seen.push("connected"),
      disconnected: () => void seen.push("disconnected"),
    });
    await until(() => seen.length === 1);
    await server.kill();
    await until(() => seen.length === 2);
    await server.start();
    await until(() => seen.length === 3);
    expect(seen).toEqual(["connected", "disconnected", "connected"]);
  });

  it("notices a half-open connection by its silence", async () => {
    const seen: string[] = [];
    const feed = createRedisFeed({ url: server.url, ...wire, silence: 80, pingEvery: 20 });
    open.push(feed);
    feed.start({
      woken: () => void seen.push("woken"),
      connected: () => void seen.push("connected"),
      disconnected: () => void seen.push("disconnected"),
    });
    await until(() => seen.includes("connected"));
    await server.pause();
    await until(() => seen.includes("disconnected"));
    server.resume();
    await until(() => seen.length === 3);
    expect(seen).toEqual(["connected", "disconnected", "connected"]);
  });
});

/** The version that the feed announces when `change` happens; the subscription is made before. */
async function wakeUp(url: string, change: () => Promise<unknown>): Promise<Version> {
  const feed = createRedisFeed({ url, ...wire });
  open.push(feed);
  return await new Promise((resolve, reject) => {
    const listener: FeedListener = {
      woken: (_partition, version) => {
        if (version.sequence > 0) resolve(version);
      },
      connected: () => void change().catch(reject),
      disconnected: reject,
    };
    feed.start(listener);
  });
}
