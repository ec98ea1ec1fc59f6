import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import type { ConfigContent } from "../../src/protocol/configuration.ts";
import type { Answer, PutConfigReply } from "../../src/protocol/replies.ts";
import type { PartitionTag, Version } from "../../src/protocol/version.ts";
import { createRedisFeed } from "../../src/redis/feed.ts";
import { createRedisStore, type RedisStore } from "../../src/redis/store.ts";

let lab: Lab;
let server: RedisServer;
const open: { close(): Promise<void> }[] = [];
const wire = { prefix: "lp:", partitions: 2, feedMax: 100 };
const deadline = 2_000;

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
});
beforeEach(() => server.restart({ keepData: false }));
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(() => lab[Symbol.asyncDispose]());

async function connected(partitions = wire.partitions): Promise<RedisStore> {
  const store = createRedisStore({ url: server.url, ...wire, partitions });
  open.push(store);
  await store.connect();
  return store;
}

function config(hash_seed: number): ConfigContent {
  const language_pairs = [{ source: "en", target: "pt-BR" }];
  const pools = [{ id: "p{}:", name: "ä \u0000 name", required_services: ["s", "t"], language_pairs }];
  return { enabled: true, pool_count: 1, hash_seed, fallback_scan_all_pools: true, pools };
}

function versionOf(answer: Answer<PutConfigReply>): Version | null {
  return answer.kind === "failed" ? null : answer.config;
}

describe("Phase3Config in Redis", () => {
  it("is none at first, then what was put, word for word", async () => {
    const store = await connected();
    expect(await store.readConfig(deadline)).toMatchObject({ kind: "config", config: null });
    const put = await store.putConfig({ expected: null, content: config(4_294_967_295) }, deadline);
    expect(put).toMatchObject({ kind: "stored", version: { sequence: 1 }, config: { sequence: 1 } });
    expect(await store.readConfig(deadline)).toMatchObject({
      kind: "config",
      config: { version: versionOf(put), ...config(4_294_967_295) },
    });
  });

  it("is put over the version that was seen, and no other; a repetition changes nothing", async () => {
    const store = await connected();
    const first = await store.putConfig({ expected: null, content: config(1) }, deadline);
    expect(await store.putConfig({ expected: null, content: config(1) }, deadline)).toMatchObject({ kind: "already" });
    const conflict = await store.putConfig({ expected: null, content: config(2) }, deadline);
    expect(conflict).toMatchObject({ kind: "conflict", config: versionOf(first) });
    const second = await store.putConfig({ expected: versionOf(first), content: config(2) }, deadline);
    expect(second).toMatchObject({ kind: "stored", config: { sequence: 2 } });
  });

  it("leaves only the last few behind in the feed, each of which is a whole configuration", async () => {
    const store = await connected();
    let expected: Version | null = null;
    for (let seed = 0; seed < 20; seed += 1) {
      expected = versionOf(await store.putConfig({ expected, content: config(seed) }, deadline));
    }
    expect(expected?.sequence).toBe(20);
    expect(Number(await store.client.xlen("lp:{cfg}:feed"))).toBe(16);
  });

  it("is checked by its version", async () => {
    const store = await connected();
    const page = await store.readConfig(deadline);
    if (page.kind === "failed") throw new Error(page.message);
    expect(await store.checkConfig(page.version, deadline)).toMatchObject({ kind: "unchanged" });
    await store.putConfig({ expected: null, content: config(1) }, deadline);
    expect(await store.checkConfig(page.version, deadline)).toMatchObject({
      kind: "changed",
      version: { sequence: 1 },
    });
    const elsewhere = { epoch: "0123456789abcdef", sequence: 1 };
    expect(await store.checkConfig(elsewhere, deadline)).toMatchObject({ kind: "changed" });
  });

  it("refuses callers with another number of partitions", async () => {
    const store = await connected();
    await store.putConfig({ expected: null, content: config(1) }, deadline);
    const other = await connected(3);
    expect(await other.readConfig(deadline)).toMatchObject({ kind: "failed", cause: "layout_mismatch" });
  });

  it("wakes those that follow", async () => {
    const store = await connected();
    const feed = createRedisFeed({ url: server.url, ...wire });
    open.push(feed);
    const woken = Promise.withResolvers<readonly [PartitionTag, Version]>();
    const standing = Promise.withResolvers<void>();
    feed.start({
      woken: (partition, version) => version.sequence > 0 && woken.resolve([partition, version]),
      connected: standing.resolve,
      disconnected: () => {},
    });
    await standing.promise;
    const put = await store.putConfig({ expected: null, content: config(1) }, deadline);
    expect(await woken.promise).toEqual(["cfg", versionOf(put)]);
  });
});
