/** A Redis that cannot be used as declared: a typed error at the edge, and nothing half-written. */
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createScheduler, type EmbeddedScheduler, type SchedulerOptions } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { loopback } from "../../src/lab/process/port.ts";
import { startCluster } from "../../src/lab/servers/cluster.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { leastPrivilege } from "../../src/redis/acl.ts";
import { loadScripts } from "../../src/redis/scripts/scripts.ts";
import { createRedisStore } from "../../src/redis/store.ts";
import { idle, jobFor, offer } from "./offers.ts";
import { until } from "./until.ts";

let lab: Lab;
let server: RedisServer;
let admin: Redis;
const open: EmbeddedScheduler[] = [];

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
  admin = new Redis(server.url);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await admin.flushall();
});
afterAll(async () => {
  admin.disconnect();
  await lab.close();
});

function made(options: Partial<SchedulerOptions> = {}): EmbeddedScheduler {
  const scheduler = createScheduler({ redis: server.url, ...options });
  open.push(scheduler);
  return scheduler;
}

const as = (user: string): string => server.url.replace("redis://", `redis://${user}@`);

describe("start rejects, and closes, when", () => {
  const refusals: Readonly<Record<string, () => Promise<readonly [SchedulerOptions, name: string, message: RegExp]>>> =
    {
      async "one server was declared and it belongs to a Cluster"() {
        const { primaries } = await startCluster(lab);
        const redis = primaries[0]?.url ?? "";
        return [{ redis }, "TopologyError", /a server with cluster-enabled.*declare it as a Cluster/u];
      },
      async "a Cluster was declared and it is one server"() {
        const redis = { cluster: [{ host: loopback, port: server.port }] };
        return [{ redis }, "TopologyError", /cluster support disabled/u];
      },
      async "the password is wrong"() {
        await admin.acl("SETUSER", "locked", ...leastPrivilege("lp:"), ">secret");
        return [{ redis: as("locked:wrong") }, "AccessError", /WRONGPASS/u];
      },
      async "the user lacks a right"() {
        await admin.acl("SETUSER", "lacking", ...leastPrivilege("lp:"), "-zadd", ">secret");
        return [{ redis: as("lacking:secret") }, "AccessError", /lacks \+zadd: see docs\/acl\.md/u];
      },
      async "the user may not run scripts"() {
        await admin.acl("SETUSER", "mute", ...leastPrivilege("lp:"), "-eval", ">secret");
        return [{ redis: as("mute:secret") }, "AccessError", /NOPERM/u];
      },
      async "the prefix is another than the user's"() {
        await admin.acl("SETUSER", "elsewhere", ...leastPrivilege("app:"), ">secret");
        return [{ redis: as("elsewhere:secret") }, "AccessError", /lacks \+hexists \+/u];
      },
      async "the store has another number of partitions"() {
        const first = made({ settings: { partitions: 4 } });
        await first.start();
        await first.close();
        return [{ redis: server.url }, "LayoutError", /layout 2 with 4 partitions/u];
      },
    };

  it.each(Object.keys(refusals))("%s", async (what) => {
    const [options, name, message] = (await refusals[what]?.()) ?? [];
    const before = await admin.dbsize();
    const scheduler = made(options);
    await expect(scheduler.start()).rejects.toMatchObject({ name, message: expect.stringMatching(message ?? /$^/u) });
    expect(await admin.dbsize()).toBe(before);
    const after = await scheduler.registerNode(offer("n")).catch((error: unknown) => error);
    expect(after).toMatchObject(name === "LayoutError" ? { name } : { cause: "closed", applied: "no" });
  });
});

describe("start waits while Redis is away, and", () => {
  it("goes on when it comes", async () => {
    const late = await lab.redis();
    await late.stop();
    const scheduler = made({ redis: late.url });
    const starting = scheduler.start();
    await expect(scheduler.getNode("n")).resolves.toMatchObject({ found: false, source: "none" });
    await late.start();
    await starting;
    expect(scheduler.status().mode).toBe("normal");
  });

  it("ends when the scheduler is closed, by a signal too", async () => {
    const away = await lab.redis();
    await away.stop();
    const abort = new AbortController();
    const starting = made({ redis: away.url, signal: abort.signal }).start();
    abort.abort();
    await expect(starting).rejects.toMatchObject({ name: "ClosedError" });
  });
});

describe("start with a signal of its own", () => {
  it("rejects with the signal's reason, and the scheduler is closed", async () => {
    const away = await lab.redis();
    await away.stop();
    const abort = new AbortController();
    const scheduler = made({ redis: away.url });
    const starting = scheduler.start({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    expect(await scheduler.reserveJob("n", "j")).toMatchObject({ cause: "closed", applied: "no" });
  });

  it("reports its progress", async () => {
    const reported: number[] = [];
    const scheduler = made({ settings: { partitions: 3 } });
    await scheduler.start({ onProgress: ({ partitions }) => void reported.push(partitions.loaded) });
    expect(reported.at(-1)).toBe(4); // the configuration counts as one
    expect(reported).toEqual([...reported].sort((a, b) => a - b));
  });
});

describe("later on", () => {
  it("a right that was taken away is reported when the connection is made again, and nothing is written", async () => {
    await admin.acl("SETUSER", "demoted", ...leastPrivilege("lp:"), ">secret");
    const reported: object[] = [];
    const none = (): void => {};
    const logger = { debug: none, info: none, warn: none, error: (fields: object) => void reported.push(fields) };
    const scheduler = made({ redis: as("demoted:secret"), logger });
    await scheduler.start();
    await admin.acl("SETUSER", "demoted", "-hset");
    await admin.client("KILL", "USER", "demoted");
    await until("it is reported", () => reported.length > 0);
    expect(reported[0]).toMatchObject({ error: "AccessError: the Redis user lacks +hset: see docs/acl.md" });
    expect(await scheduler.registerNode(offer("n"))).toMatchObject({ kind: "failed", applied: "no" });
    expect(await admin.keys("lp:*node*")).toEqual([]);
  });

  it("a key of another type is named by its cause, and nothing is written", async () => {
    const scheduler = made({ settings: { partitions: 1 } });
    await scheduler.start();
    await admin.set("lp:{p0}:node:n", "not ours");
    expect(await scheduler.registerNode(offer("n"))).toMatchObject({
      kind: "failed",
      cause: "wrong_type",
      applied: "no",
    });
    expect(await admin.exists("lp:{p0}:expiry", "lp:{p0}:nodes")).toBe(0);
  });

  it("a reply that no script of ours gives may mean anything", async () => {
    const scripts = loadScripts(undefined, (file, source) =>
      file === "release_job.lua" ? "return {'maybe', 'ab:1'}" : source,
    );
    const store = createRedisStore({ url: server.url, prefix: "lp:", partitions: 1, feedMax: 10, scripts });
    await store.connect();
    const answer = await store.releaseJob({ partition: 0, node: "n", job: "j" }, 1_000);
    expect(answer).toMatchObject({ kind: "failed", cause: "protocol", applied: "unknown" });
    await store.close();
  });
});

describe("hostile ids", () => {
  it.each(["{p0}", "a:b", "line\nbreak", "\u0000", "{", "}", "*", "n".repeat(256), "%s", "🦊"])(
    "%j is an id like any other",
    async (id) => {
      const scheduler = made({ settings: { partitions: 2 } });
      await scheduler.start();
      const offered = { ...offer(id), pools: [id] };
      const registered = await scheduler.registerNode(offered);
      expect(registered).toMatchObject({ kind: "registered" });
      const incarnation = "incarnation" in registered ? (registered.incarnation ?? "") : "";
      const beat = { node: id, incarnation, seq: 1, metrics: idle, running: [id] };
      expect(await scheduler.heartbeat(beat)).toMatchObject({ kind: "renewed" });
      await until("it is seen", async () => (await scheduler.getNode(id)).found);
      expect(await scheduler.dispatch({ ...jobFor(id), pool: id })).toMatchObject({ kind: "dispatched", node: id });
      expect(await scheduler.completeJob(id, id)).toMatchObject({ kind: "completed" });
      const tags = (await admin.keys("*")).map((key) => /^lp:\{(p[01]|cfg)\}:/u.exec(key));
      expect(tags.every((tag) => tag !== null)).toBe(true);
    },
  );
});

describe("callbacks", () => {
  it("hear of orphaned jobs once each, and may dispatch them again", async () => {
    const heard: string[] = [];
    const scheduler = made({
      async onOrphaned({ jobs, because }) {
        for (const job of jobs) {
          heard.push(`${job} ${because}`);
          await scheduler.dispatch(jobFor(job));
        }
      },
    });
    await scheduler.start();
    await scheduler.registerNode(offer("a"));
    await until("a is seen", () => scheduler.selectNodes({ ...jobFor("j"), count: 1 }).nodes.length === 1);
    expect(await scheduler.dispatch(jobFor("j"))).toMatchObject({ kind: "dispatched", node: "a" });
    await scheduler.registerNode(offer("b"));
    await scheduler.offlineNode("a");
    await until("it is placed again", async () => ((await scheduler.getNode("b")).node?.current_jobs ?? 0) === 1);
    expect(heard).toEqual(["j offline"]);
  });

  it("that throw or reject are counted, and stop nothing", async () => {
    const scheduler = made({
      onEvent: () => {
        throw new Error("mine");
      },
      onOrphaned: () => Promise.reject(new Error("mine too")),
    });
    await scheduler.start();
    expect(await scheduler.registerNode(offer("n"))).toMatchObject({ kind: "registered" });
    const text = await scheduler.registry.getSingleMetricAsString("lockproof_callback_failures_total");
    expect(text).toMatch(/callback="onEvent"\} [1-9]/u);
    expect(text).not.toContain('callback="onOrphaned"');
  });
});

describe("calls at once", () => {
  it("are as many as maxCalls says, above ten thousand too, and no more", async () => {
    const settings = { partitions: 1, maxCalls: 10_100, readDeadline: 5_000, writeDeadline: 5_000, budget: 10_000 };
    const scheduler = made({ settings });
    await scheduler.start();
    const calls = Array.from({ length: settings.maxCalls + 1 }, (_, index) => scheduler.releaseJob("n", `j${index}`));
    await new Promise((resolve) => setImmediate(resolve));
    await scheduler.close({ signal: AbortSignal.abort() });
    const causes = (await Promise.all(calls)).map((answer) => (answer.kind === "failed" ? answer.cause : answer.kind));
    expect(causes.flatMap((cause, index) => (cause === "overloaded" ? [index] : []))).toEqual([settings.maxCalls]);
  });
});
