import { describe, expect, it } from "vitest";
import type { ConfigContent } from "../../src/protocol/configuration.ts";
import { InvalidInputError } from "../../src/scheduler/errors.ts";
import { startedOn } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { english } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

function config(hash_seed: number): ConfigContent {
  const pools = [{ id: "p", name: "P", required_services: ["s"], language_pairs: [english] }];
  return { enabled: true, pool_count: 1, hash_seed, fallback_scan_all_pools: false, pools };
}

async function world() {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const [writer, reader] = [await startedOn(server), await startedOn(server, {}, 2)];
  const put = (content: ConfigContent, expected = writer.scheduler.config()?.version ?? null) =>
    clock.until(writer.scheduler.putConfig(content, expected));
  return { clock, server, writer, reader, put };
}

/** Poll interval, one read deadline and its grace, and the read itself. */
const bound = 200 + 30 + 10;

describe("the configuration", () => {
  it("is loaded before an instance is ready", async () => {
    const { server, put } = await world();
    await put(config(7));
    const { scheduler } = await startedOn(server, {}, 3);
    expect(scheduler.config()).toMatchObject(config(7));
  });

  it("is put only over what the writer has seen, and a repetition finds its own", async () => {
    const { clock, reader, writer, put } = await world();
    const first = await put(config(1), null);
    expect(first).toMatchObject({ kind: "stored" });
    expect(await put(config(1), null)).toMatchObject({ kind: "already" });
    expect(await put(config(2), null)).toMatchObject({ kind: "conflict", config: "config" in first && first.config });
    await clock.advance(3);
    expect(reader.scheduler.config()).toEqual(writer.scheduler.config());
    expect(await put(config(2))).toMatchObject({ kind: "stored" });
  });

  it("is caught up with though every wake-up is lost (V3, V4)", async () => {
    const { clock, reader, put } = await world();
    reader.feed.isDeaf = true;
    await put(config(1), null);
    await clock.advance(bound);
    expect(reader.scheduler.config()).toMatchObject({ hash_seed: 1 });
  });

  it("is read only when the version check finds a change", async () => {
    const { clock, reader, put } = await world();
    await put(config(1), null);
    await clock.advance(2_000);
    const reads = reader.store.sentConfig.filter(({ kind }) => kind === "read_config");
    expect(reads).toHaveLength(2); // at the start, and when it changed
    expect(reader.store.sentConfig.length).toBeGreaterThan(8);
  });

  it("survives a server's restart with its data, and goes with them", async () => {
    const { clock, server, reader, put } = await world();
    await put(config(1), null);
    server.failOver("same");
    await clock.advance(bound);
    expect(reader.scheduler.config()).toMatchObject({ hash_seed: 1 });
    server.failOver("empty");
    await clock.advance(bound);
    expect(reader.scheduler.config()).toBeNull();
    expect(reader.scheduler.status().mode).toBe("normal");
  });

  it("is kept while the store is away, and a put fails fast then", async () => {
    const { clock, writer, put } = await world();
    await put(config(1), null);
    await clock.advance(3);
    writer.store.network = () => ({ kind: "request_lost" });
    await clock.advance(200);
    expect(writer.scheduler.config()).toMatchObject({ hash_seed: 1 });
    expect(await put(config(2))).toMatchObject({ kind: "failed", applied: "no" });
  });

  it.each<[string, Partial<ConfigContent>, string]>([
    ["a seed out of range", { hash_seed: 2 ** 32 }, "hash_seed: found 4294967296"],
    ["a count that is not that of the pools", { pool_count: 2 }, "pool_count: found 2, allowed 1, as in pools"],
    ["one pool twice", { pools: [...config(1).pools, ...config(1).pools], pool_count: 2 }, "pools: found"],
    ["a pool without an id", { pools: [{ ...pool(), id: "" }] }, "pools[0].id"],
    ["a language with a colon", { pools: [{ ...pool(), language_pairs: [{ source: ":", target: "a" }] }] }, "pools[0]"],
  ])("is refused with %s, and nothing is sent", async (_, wrong, message) => {
    const { writer } = await world();
    const sent = writer.store.sentConfig.length;
    const putting = writer.scheduler.putConfig({ ...config(1), ...wrong }, null);
    await expect(putting).rejects.toThrow(InvalidInputError);
    await expect(putting).rejects.toThrow(message);
    expect(writer.store.sentConfig.length).toBe(sent);
  });
});

function pool() {
  return { id: "p", name: "P", required_services: [], language_pairs: [] };
}
