import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofKind } from "../../../src/check/history.ts";
import { entriesOf } from "../../../src/check/observed/observation.ts";
import { OwnWork } from "../../../src/inject/machine/own-work.ts";
import { openServers } from "../../../src/inject/network/servers.ts";
import { commandOf, FeedTap } from "../../../src/inject/observe/feed-tap.ts";
import { StoreObserver } from "../../../src/inject/observe/observer.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { askRedis } from "../../../src/lab/servers/redis-wire.ts";
import { createRedisStore, type RedisStore } from "../../../src/redis/store.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const noMembership = { pools: [], languages: [] };
const strange = ['a" "b', "back\\slash\\", "é\u2028 \u0007", "x\\x41"];

function register(store: RedisStore, node: string) {
  const asked = {
    partition: 0,
    node,
    registration: `token of ${node}`,
    expected: null,
    max_jobs: 1,
    ttl: 10_000,
    services: [],
  };
  return store.registerNode({ ...asked, ...noMembership }, 5_000);
}

/** A feed that keeps two changes, seen by an observer, and a store that changes it. */
async function openWorld(stack: AsyncDisposableStack) {
  const prefix = "t:";
  const short = { prefix, partitions: 1, feedMax: 2 };
  const recorder = new Recorder();
  const toxiproxy = stack.use(await lab.toxiproxy());
  const servers = await openServers("single", { lab, toxiproxy, partitions: 1, prefix });
  for (const server of servers.data) stack.use(server);
  const observer = stack.use(await StoreObserver.open(servers, { ...short, recorder }));
  await observer.dump();
  const store = stack.adopt(createRedisStore({ url: servers.primary.url, name: "i0", ...short }), (each) =>
    each.close(),
  );
  await store.connect();
  return { observer, recorder, servers, store };
}

describe("a feed that is trimmed before it is read", () => {
  it("is observed whole, in order, whatever the names are", async () => {
    await using stack = new AsyncDisposableStack();
    const { observer, recorder, store } = await openWorld(stack);
    const nodes = [...strange, ...Array.from({ length: 60 }, (_, index) => `n${index}`)];
    await Promise.all(nodes.map((node) => register(store, node)));
    await observer.dump();
    const entries = entriesOf(recorder.observations);
    expect(entries.map(({ sequence }) => sequence)).toEqual(nodes.map((_, index) => index + 1));
    expect(entries.map(({ change }) => change.node)).toEqual(nodes);
    const times = recorder.observations.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b)); // histories are read in order
  });

  it("says what it did not hear when its connection broke meanwhile", async () => {
    await using stack = new AsyncDisposableStack();
    const { observer, recorder, servers, store } = await openWorld(stack);
    recorder.begin();
    const listeners = String(await observer.command(servers.primary, "CLIENT", "LIST"))
      .trim()
      .split("\n");
    // There is no room for it to come back.
    await observer.command(servers.primary, "CONFIG", "SET", "maxclients", String(listeners.length - 1));
    const id = listeners.find((line) => line.includes("cmd=monitor"))?.match(/\bid=(\d+)/)?.[1] ?? "";
    await observer.command(servers.primary, "CLIENT", "KILL", "ID", id);
    await Promise.all(Array.from({ length: 60 }, (_, index) => register(store, `n${index}`)));
    await observer.dump();
    const [lost] = ofKind(recorder.events, "overlooked");
    expect(lost).toMatchObject({ partition: 0, epoch: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(lost?.to).toBeGreaterThanOrEqual(lost?.from ?? Number.POSITIVE_INFINITY);
  });
});

describe("a tap", () => {
  it("takes an entry that was never appended for one that was never there", async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await lab.redis());
    const tap = stack.use(await FeedTap.open(server.port, new OwnWork()));
    await askRedis(server.port, ["PUBLISH", "f", "e:1"], 1_000);
    await askRedis(server.port, ["XADD", "f", "MAXLEN", "=", "2", "1-0", "kind", "removed"], 1_000);
    const heard = await tap.catchUp((marker) => askRedis(server.port, ["ECHO", marker], 1_000));
    expect(heard).toBe(true);
    expect(tap.entry("f", { epoch: "e", sequence: 1 })).toEqual(["kind", "removed"]);
    expect(tap.entry("f", { epoch: "e", sequence: 2 })).toBeUndefined();
    tap.forget("f", { epoch: "e", sequence: 1 });
    expect(tap.entry("f", { epoch: "e", sequence: 1 })).toBeUndefined();
    expect(tap.gaps).toBe(0);
  });

  it("listens again when the server has closed its connection, and counts it", async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await lab.redis());
    const tap = stack.use(await FeedTap.open(server.port, new OwnWork()));
    await askRedis(server.port, ["CLIENT", "KILL", "TYPE", "normal"], 1_000);
    expect(await waitFor(() => (tap.gaps === 1 ? true : undefined), { timeout: 5_000, interval: 2 })).toBe(true);
    const again = () => tap.catchUp((marker) => askRedis(server.port, ["ECHO", marker], 1_000));
    expect(await waitFor(async () => (await again()) || undefined, { timeout: 5_000, interval: 2 })).toBe(true);
  });

  it("reads a line of MONITOR back to what was sent", () => {
    expect(commandOf('+1.5 [0 127.0.0.1:7] "SET" "a\\" \\"b" "\\\\x41\\n\\xc3\\xa9"')).toEqual([
      "SET",
      'a" "b',
      "\\x41\né",
    ]);
    expect(commandOf("+OK")).toEqual([]);
  });
});
