/**
 * A store that the scripts of layout 1 have written (commit ace88018) is brought to layout 2 while instances run, and no job is lost: layout-1.json has two
 * partitions of four nodes, each with two jobs that run and one that is finished, one node offline, and a configuration.
 */
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createScheduler, type EmbeddedScheduler } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { loadScripts } from "../../src/redis/scripts/scripts.ts";
import { createRedisStore } from "../../src/redis/store.ts";
import { UpgradeError, upgradeStore } from "../../src/redis/upgrade.ts";
import { idle } from "./offers.ts";

type Value = {
  readonly hash?: Readonly<Record<string, string>>;
  readonly zset?: readonly string[];
  readonly set?: readonly string[];
  readonly stream?: readonly (readonly [string, readonly string[]])[];
};
const dump = JSON.parse(readFileSync(new URL("./layout-1.json", import.meta.url), "utf8")) as Record<string, Value>;
/** Unix time of the server just after the last write, ms. */
const writtenAt = 1_796_047_595_846;
const shift = Date.now() - writtenAt;
const partitions = 2;
/** The nodes, as they were written. */
const written = Object.entries(dump).flatMap(([key, { hash = {} }]) => {
  const [, base, node] = /^(lp:\{p\d\}:)node:(.*)$/u.exec(key) ?? [];
  if (base === undefined || node === undefined) return [];
  const places = dump[`${base}jobs:${node}`]?.zset ?? [];
  return [{ node, hash, running: places.filter((_, at) => at % 2 === 0) }];
});
const online = written.filter(({ hash }) => hash["status"] === "online");

let lab: Lab;
let server: RedisServer;
let redis: Redis;
const open: EmbeddedScheduler[] = [];

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  await restore();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(async () => {
  redis.disconnect();
  await lab.close();
});

/** As it was written, just now. */
async function restore(): Promise<void> {
  const moved = (time: string) => String(Number(time) + shift);
  const replication = /master_replid:(\w+)/u.exec(await redis.info("replication"))?.[1] ?? "";
  for (const [key, { hash, set, stream, zset }] of Object.entries(dump)) {
    if (hash !== undefined) {
      const own = "expires_at_ms" in hash ? { expires_at_ms: moved(hash["expires_at_ms"] ?? "0") } : {};
      const written = "replication_id" in hash ? { replication_id: replication } : {};
      await redis.hset(key, { ...hash, ...own, ...written });
    }
    if (set !== undefined) await redis.sadd(key, ...set);
    for (const [id, fields] of stream ?? []) await redis.xadd(key, id, ...fields);
    for (let at = 0; at < (zset?.length ?? 0); at += 2) {
      const score = zset?.[at + 1] ?? "0";
      await redis.zadd(key, score === "0" ? score : moved(score), zset?.[at] ?? "");
    }
  }
}

/** Repeated while the machine is too slow, as a worker does. */
async function answered(call: () => Promise<{ readonly kind: string }>): Promise<object> {
  for (;;) {
    const answer = await call();
    if (answer.kind !== "failed") return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function withoutVersion(answer: object): object {
  return Object.fromEntries(Object.entries(answer).filter(([field]) => field !== "version"));
}

/** A client whose connection breaks after so many calls of scripts. */
function cutOffAfter(most: number): Redis {
  let calls = 0;
  const evaluate = async (script: string, ...rest: readonly (string | number)[]): Promise<unknown> => {
    if (calls === most) throw new Error("cut off");
    calls += 1;
    return redis.call("EVAL", script, ...rest);
  };
  return { eval: evaluate, zrange: redis.zrange.bind(redis) } as unknown as Redis;
}

async function content(): Promise<Record<string, unknown>> {
  const keys = (await redis.keys("lp:*")).sort();
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await redis.dump(key)] as const)));
}

async function started(onOrphaned: (jobs: readonly string[]) => void = () => {}): Promise<EmbeddedScheduler> {
  const settings = { partitions, heartbeatTtl: 2_000, sweepInterval: 200 };
  const scheduler = createScheduler({ redis: server.url, settings, onOrphaned: ({ jobs }) => onOrphaned(jobs) });
  open.push(scheduler);
  await scheduler.start();
  return scheduler;
}

describe("a store of layout 1", () => {
  it("is refused by instances of layout 2, and not touched", async () => {
    const before = await content();
    await expect(started()).rejects.toThrow("layout 1");
    expect(await content()).toEqual(before);
  });

  it("is brought to layout 2 with its nodes, jobs, finished jobs and configuration", async () => {
    expect(await upgradeStore(redis, { partitions })).toBe(8);
    expect((await redis.keys("lp:*")).filter((key) => /:(pool|lang):/u.test(key))).toEqual([]);
    const lost: string[] = [];
    const scheduler = await started((jobs) => lost.push(...jobs));
    expect(scheduler.config()).toMatchObject({ hash_seed: 7, pools: [{ id: "a" }] });
    const seen = [...scheduler.nodes(0), ...scheduler.nodes(1)];
    const shown = seen.map(({ node, status, current_jobs: jobs }) => [node, status, jobs]).sort();
    const allowed = written.map(({ node, hash, running }) => [node, hash["status"], running.length]).sort();
    expect(shown).toEqual(allowed);
    expect(online.map(({ running }) => running.length)).toEqual([2, 2, 2, 2, 2, 2]);
    // The workers go on: they send heartbeats as before, for longer than one keeps a node.
    for (let seq = 8; seq < 20; seq += 1) {
      for (const { node, hash, running } of online) {
        const beat = { node, incarnation: hash["incarnation"] ?? "", seq, metrics: idle, running };
        const answer = await answered(() => scheduler.heartbeat(beat));
        // `already`: the answer to the first try came too late.
        expect([{ kind: "renewed", unknown_jobs: [] }, { kind: "already" }]).toContainEqual(withoutVersion(answer));
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(lost).toEqual([]);
    const [{ node, running } = { node: "", running: [] }] = online;
    const [one = "", two = ""] = running;
    expect(await answered(() => scheduler.completeJob(node, one))).toMatchObject({ kind: "completed" });
    expect(await answered(() => scheduler.reserveJob(node, one.replace(/1$/u, "3")))).toMatchObject({
      kind: "finished",
    });
    expect(await answered(() => scheduler.reserveJob(node, two))).toMatchObject({ kind: "already" });
    const another = await answered(() => scheduler.reserveJob(node, "another"));
    expect([{ kind: "reserved" }, { kind: "already" }]).toContainEqual(withoutVersion(another));
  }, 30_000);

  it("is closed to all while it is rewritten, and a run that was cut off is made good by the next one", async () => {
    const scripts = loadScripts(undefined, (_, source) =>
      source.replace("LAYOUT, MOST_PAST = 2", "LAYOUT, MOST_PAST = 1"),
    );
    const old = createRedisStore({ url: server.url, prefix: "lp:", partitions, feedMax: 100, scripts });
    await old.connect();
    const reserve = () =>
      old.reserveJob({ partition: 0, node: online[0]?.node ?? "", job: "late", lease: 60_000, seen: 0 }, 1_000);
    await upgradeStore(redis, { partitions });
    const whole = await content();
    // Two calls for the configuration, then four for each partition.
    for (let calls = 1; calls < 10; calls += 1) {
      await redis.flushall();
      await restore();
      await expect(upgradeStore(cutOffAfter(calls), { partitions })).rejects.toThrow("cut off");
      if (calls >= 7)
        expect(await reserve()).toMatchObject({ kind: "failed", cause: "layout_mismatch", applied: "no" });
      await expect(started()).rejects.toThrow(calls >= 7 ? "layout 0" : "layout 1");
      await upgradeStore(redis, { partitions });
      expect(await content()).toEqual(whole);
      expect(await reserve()).toMatchObject({ kind: "failed", cause: "layout_mismatch", applied: "no" });
    }
    expect(await upgradeStore(redis, { partitions })).toBe(0);
    expect(await content()).toEqual(whole);
    await old.close();
    await started();
  }, 30_000);

  it("is refused with another number of partitions, or another layout", async () => {
    const before = await content();
    await expect(upgradeStore(redis, { partitions: 3 })).rejects.toThrow(UpgradeError);
    expect(await content()).toEqual(before);
    await redis.hset("lp:{cfg}:meta", "layout", "7");
    await expect(upgradeStore(redis, { partitions })).rejects.toThrow("layout 7");
  });
});
