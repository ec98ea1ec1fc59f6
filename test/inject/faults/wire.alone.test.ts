/** The effects of faults of the network and of single commands, observed by raw sockets and by the server's own figures. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { asCommand, calls, type FaultWorld, openFaultWorld, patient, space } from "./fault-world.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const both = { link: "both", direction: "both" } as const;

async function timed<Value>(work: Promise<Value>): Promise<readonly [Value, number]> {
  const startedAt = performance.now();
  return [await work, performance.now() - startedAt];
}

async function inWorld(test: (world: FaultWorld) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack();
  await test(await openFaultWorld(lab, stack));
}

describe("on the wire", () => {
  it("redis_latency of requests: they reach the server late", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("commands"));
      const { begun, ended } = inject({
        ...{ kind: "redis_latency", at: 0, lasts: 1_000, adds: 500, link: "both", direction: "requests" },
      });
      await begun;
      const sent = timed(client.ask("SET", "key", "1"));
      expect(await servers.primary.ask("GET", "key")).toBe("$");
      const [, took] = await sent;
      expect(took).toBeGreaterThanOrEqual(490);
      await ended;
      const isQuick = async () => ((await timed(client.ask("PING")))[1] < 499 ? true : undefined);
      expect(await waitFor(isQuick, patient)).toBe(true);
    }));

  it("redis_latency of replies: the server has run it long before", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("commands"));
      const { begun, ended } = inject({
        ...{ kind: "redis_latency", at: 0, lasts: 700, adds: 400, link: "both", direction: "replies" },
      });
      await begun;
      const sent = timed(client.ask("SET", "key", "1"));
      await waitFor(async () => ((await servers.primary.ask("GET", "key")) === "$1" ? true : undefined), patient);
      expect(client.text).toBe("");
      expect((await sent)[1]).toBeGreaterThanOrEqual(390);
      await ended;
    }));

  it("redis_bandwidth: a long reply takes its time", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      await servers.primary.execute("SET", "key", "x".repeat(3_000));
      const client = await dial(port("commands"));
      const { begun, ended } = inject({ kind: "redis_bandwidth", at: 0, lasts: 600, kb_per_second: 10, link: "both" });
      await begun;
      const startedAt = performance.now();
      client.send("GET", "key");
      await client.until(() => client.text.length >= 3_000);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(250);
      await ended;
    }));

  it.each([
    ["requests", "$"],
    ["replies", "$1"],
  ] as const)("redis_blackhole that loses %s only", (direction, held) =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("commands"));
      await client.ask("PING");
      const { begun, ended } = inject({
        ...{ kind: "redis_blackhole", at: 0, lasts: 200, bytes: "lost", link: "both", direction },
      });
      await begun;
      client.send("SET", "key", "1");
      await ended;
      await client.until(() => client.isClosed); // on healing
      expect(client.text).toBe("+PONG\r\n");
      expect(await servers.primary.ask("GET", "key")).toBe(held);
    }),
  );

  it("redis_blackhole that holds: all of it arrives on the same connection", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("commands"));
      const { begun, ended } = inject({ kind: "redis_blackhole", at: 0, lasts: 500, bytes: "held", ...both });
      await begun;
      client.send("SET", "key", "1");
      expect(await servers.primary.ask("GET", "key")).toBe("$");
      await ended;
      await client.until(() => client.text === "+OK\r\n");
      expect(await servers.primary.ask("GET", "key")).toBe("$1");
    }));

  it("redis_refused: connections close, new ones are refused, and the port comes back", () =>
    inWorld(async ({ dial, inject, port }) => {
      const client = await dial(port("feed"));
      const { begun, ended } = inject({ kind: "redis_refused", at: 0, lasts: 500, link: "feed" });
      await begun;
      await client.until(() => client.isClosed);
      await expect(dial(port("feed"))).rejects.toThrow("ECONNREFUSED");
      expect(await (await dial(port("commands"))).ask("PING")).toBe("+PONG\r\n");
      await ended;
      expect(await (await dial(port("feed"))).ask("PING")).toBe("+PONG\r\n");
    }));

  it("redis_reset: sending closes the connection, an old one by a close and a new one by a reset", () =>
    inWorld(async ({ dial, inject, port }) => {
      const old = await dial(port("commands"));
      await old.ask("PING");
      const { begun, ended } = inject({ kind: "redis_reset", at: 0, lasts: 600, link: "both" });
      await begun;
      const fresh = await dial(port("commands"));
      for (const client of [old, fresh]) {
        expect(client.isClosed).toBe(false);
        client.send("PING");
        await client.until(() => client.isClosed);
      }
      expect([old.error, fresh.error]).toEqual([null, "ECONNRESET"]);
      await ended;
      expect(await (await dial(port("commands"))).ask("PING")).toBe("+PONG\r\n");
    }));

  it("redis_half_open: old connections are open and silent for ever, new ones work", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const old = await dial(port("commands"));
      await old.ask("PING");
      const { begun, ended } = inject({ kind: "redis_half_open", at: 0, lasts: 150, link: "both" });
      await begun;
      old.send("SET", "key", "1");
      expect(await (await dial(port("commands"))).ask("PING")).toBe("+PONG\r\n");
      await ended;
      expect(old.isClosed).toBe(false);
      expect(old.text).toBe("+PONG\r\n");
      expect(await servers.primary.ask("GET", "key")).toBe("$");
    }));

  it("redis_slow_close: the server's close arrives late", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("commands"));
      const id = (await client.ask("CLIENT", "ID")).slice(1).trim();
      const { begun, ended } = inject({ kind: "redis_slow_close", at: 0, lasts: 1_000, delay: 250, link: "both" });
      await begun;
      const killedAt = performance.now();
      expect(await servers.primary.ask("CLIENT", "KILL", "ID", id)).toBe(":1");
      await client.until(() => client.isClosed);
      expect(client.closedAt - killedAt).toBeGreaterThanOrEqual(249);
      await ended;
    }));

  it("redis_sliced: a reply comes in pieces, one after the other", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      await servers.primary.execute("SET", "key", "x".repeat(600));
      const client = await dial(port("commands"));
      const { begun, ended } = inject({ kind: "redis_sliced", at: 0, lasts: 500, bytes: 100, gap: 10, link: "both" });
      await begun;
      client.send("GET", "key");
      await client.until(() => client.text.length >= 600);
      const [first, last] = [client.pieces[0]?.at ?? 0, client.pieces.at(-1)?.at ?? 0];
      expect(client.pieces.length).toBeGreaterThanOrEqual(4);
      expect(last - first).toBeGreaterThanOrEqual(40);
      await ended;
    }));
});

describe("the servers' clock", () => {
  const hour = 3_600_000;
  const ttl = 60_000;
  const offer = { partition: 0, max_jobs: 9, ttl, pools: [], languages: [], services: [] };
  const register = (node: string) =>
    asCommand(
      calls.registerNode({
        ...offer,
        node,
        registration: `token-${node}`,
        expected: null,
      }),
    );

  it("clock_jump: every script that an instance calls sees it, until the next one, and ids stay as they are", () =>
    inWorld(async ({ dial, inject, port, recorder, servers }) => {
      const client = await dial(port("commands"));
      const expiryOf = async (node: string): Promise<readonly [least: number, found: number, most: number]> => {
        const before = Date.now();
        expect(await client.ask(...register(node))).toMatch(/registered/u);
        const found = Number((await servers.primary.ask("ZSCORE", space.expiry, node)).slice(1));
        return [before + ttl, found, Date.now() + ttl];
      };
      const isAheadBy = ([least, found, most]: Awaited<ReturnType<typeof expiryOf>>, by: number) => {
        expect(found).toBeGreaterThanOrEqual(least + by);
        expect(found).toBeLessThanOrEqual(most + by);
      };
      isAheadBy(await expiryOf("n1"), 0);
      const forward = inject({ kind: "clock_jump", at: 0, by: hour });
      isAheadBy(await expiryOf("line\r\n$5\r\n\u0000é結"), hour);
      await forward.ended;
      expect(
        await client.ask(
          ...asCommand(calls.changesSince({ partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 })),
        ),
      ).toMatch(/resync/u);
      const back = inject({ kind: "clock_jump", at: 0, by: -2 * hour });
      isAheadBy(await expiryOf("n3"), -hour);
      await back.ended;
      const home = inject({ kind: "clock_jump", at: 0, by: hour });
      isAheadBy(await expiryOf("n4"), 0);
      await home.ended;
      const steps = recorder.events.flatMap((event) => (event.kind === "fault" ? [event.step] : []));
      expect(steps).toEqual(["inject", "heal", "inject", "heal", "inject", "heal"]);
    }));
});

describe("single commands", () => {
  const offer = { partition: 0, max_jobs: 9, ttl: 60_000, pools: [], languages: [], services: [] };
  const register = asCommand(calls.registerNode({ ...offer, node: "n1", registration: "token", expected: null }));
  const reserve = (job: string) =>
    asCommand(calls.reserveJob({ partition: 0, node: "n1", job, lease: 60_000, seen: 0 }));
  const isReserved = async ({ servers }: FaultWorld, job: string) =>
    (await servers.primary.ask("ZSCORE", space.jobs("n1"), job)) !== "$";
  const runs = async ({ servers }: FaultWorld) => {
    const info = await servers.primary.ask("INFO", "commandstats");
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1] ?? 0);
  };
  const on = { at: 0, script: "reserve_job" } as const;

  it("command_delayed: the chosen call comes late, and others overtake it", () =>
    inWorld(async (world) => {
      const [client, other] = [await world.dial(world.port("commands")), await world.dial(world.port("commands"))];
      await client.ask(...register);
      const { begun, ended } = world.inject({ kind: "command_delayed", ...on, lasts: 1_200, nth: 2, adds: 600 });
      expect(await client.ask(...reserve("a"))).toContain("reserved");
      const delayed = timed(client.ask(...reserve("b")));
      await begun; // the hop has met it: two connections have no order
      expect(await other.ask(...reserve("c"))).toContain("reserved");
      expect(await isReserved(world, "b")).toBe(false);
      const [reply, took] = await delayed;
      expect(reply).toContain("reserved");
      expect(took).toBeGreaterThanOrEqual(599);
      await ended;
    }));

  it("command_held: the connection is cut, and the call runs when the fault ends", () =>
    inWorld(async (world) => {
      const client = await world.dial(world.port("commands"));
      await client.ask(...register);
      const { ended } = world.inject({ kind: "command_held", ...on, lasts: 800, nth: 1 });
      client.send(...reserve("a"));
      await client.until(() => client.isClosed);
      const again = await world.dial(world.port("commands"));
      expect(await again.ask(...reserve("b"))).toContain("reserved");
      expect(await isReserved(world, "a")).toBe(false);
      await ended;
      expect(await waitFor(async () => ((await isReserved(world, "a")) ? true : undefined), patient)).toBe(true);
    }));

  it("command_repeated: the server runs it twice, and one reply comes", () =>
    inWorld(async (world) => {
      const client = await world.dial(world.port("commands"));
      await client.ask(...register);
      const before = await runs(world);
      const { ended } = world.inject({ kind: "command_repeated", ...on, lasts: 500, nth: 1 });
      expect(await client.ask(...reserve("a"))).toContain("reserved");
      expect(await client.ask("PING")).toBe("+PONG\r\n");
      await ended;
      expect((await runs(world)) - before).toBe(2);
    }));

  it.each(["cut", "silent"] as const)("reply_lost, then %s: the server has run it, and nothing comes", (connection) =>
    inWorld(async (world) => {
      const client = await world.dial(world.port("commands"));
      await client.ask(...register);
      const before = client.text;
      const { ended } = world.inject({ kind: "reply_lost", ...on, lasts: 600, nth: 1, connection });
      client.send(...reserve("a"));
      expect(await waitFor(async () => ((await isReserved(world, "a")) ? true : undefined), patient)).toBe(true);
      if (connection === "cut") await client.until(() => client.isClosed);
      else expect(client.isClosed).toBe(false);
      await ended;
      await client.until(() => client.isClosed);
      expect(client.text).toBe(before);
    }),
  );

  it("wake_up_dropped: the chosen messages never arrive, the others do, and the connection stays", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const client = await dial(port("feed"));
      await client.ask("SUBSCRIBE", "news");
      const { ended } = inject({ kind: "wake_up_dropped", at: 0, lasts: 800, nth: 2, count: 2 });
      for (const word of ["one", "two", "three", "four"]) await servers.primary.ask("PUBLISH", "news", word);
      await client.until(() => client.text.includes("four"));
      expect(client.text).toContain("one");
      expect(client.text).not.toMatch(/two|three/);
      await ended;
      await servers.primary.ask("PUBLISH", "news", "five");
      await client.until(() => client.text.includes("five"));
      expect(client.isClosed).toBe(false);
    }));
});
