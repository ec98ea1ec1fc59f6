import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { isFree, PortTakenError } from "../../../src/lab/process/port.ts";
import type { RedisServer } from "../../../src/lab/servers/redis.ts";
import { askRedis } from "../../../src/lab/servers/redis-wire.ts";
import type { ToxicProxy } from "../../../src/lab/toxiproxy/proxy.ts";
import type { ApiCall, Toxic } from "../../../src/lab/toxiproxy/toxic.ts";
import type { ToxiproxyServer } from "../../../src/lab/toxiproxy/toxiproxy.ts";

const patience = 5_000;

let lab: Lab;
let redis: RedisServer;
let toxiproxy: ToxiproxyServer;
let proxy: ToxicProxy;
let calls: ApiCall[];

beforeEach(async () => {
  calls = [];
  lab = await openLab();
  redis = await lab.redis();
  toxiproxy = await lab.toxiproxy({ onCall: (call) => calls.push(call) });
  proxy = await toxiproxy.createProxy({ name: "inst-1.redis-a", upstream: `127.0.0.1:${redis.port}` });
});
afterEach(() => lab.close());

const ping = (timeout = patience): Promise<string> => askRedis(proxy.listenPort, ["PING"], timeout);

function latency(milliseconds: number): Toxic {
  return {
    name: "slow",
    type: "latency",
    stream: "downstream",
    attributes: { latency: milliseconds, jitter: 0 },
  };
}

function silence(stream: Toxic["stream"]): Toxic {
  return { name: `silent-${stream}`, type: "timeout", stream, attributes: { timeout: 0 } };
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

describe("a link through Toxiproxy", () => {
  it("passes what is sent, from the port it names", async () => {
    await expect(ping()).resolves.toBe("+PONG");
    expect(proxy.url).toBe(`redis://127.0.0.1:${proxy.listenPort}`);
    expect(proxy.upstream).toBe(`127.0.0.1:${redis.port}`);
  });

  it("is slowed by latency, in place by more or less, and no longer once it is removed", async () => {
    await proxy.addToxic(latency(100));
    expect(await millisecondsOf(ping)).toBeGreaterThanOrEqual(95);
    await proxy.updateToxic(latency(200));
    expect(await millisecondsOf(ping)).toBeGreaterThanOrEqual(195);
    await proxy.removeToxic("slow");
    await expect(ping()).resolves.toBe("+PONG");
    await expect(proxy.removeToxic("slow")).rejects.toThrow(/no toxic "slow"/);
  });

  it("loses the request upstream and the reply downstream", async () => {
    const incr = (): Promise<string> => askRedis(proxy.listenPort, ["INCR", "key"], 100);
    const stored = (): Promise<string> => askRedis(redis.port, ["GET", "key"], patience);
    await proxy.addToxic(silence("upstream"));
    await expect(incr()).rejects.toThrow("no answer within 100 ms");
    await proxy.removeToxic("silent-upstream");
    await expect(stored()).resolves.toBe("$");
    await proxy.addToxic(silence("downstream"));
    await expect(incr()).rejects.toThrow("no answer within 100 ms");
    await proxy.removeToxic("silent-downstream");
    await expect(stored()).resolves.toBe("$1");
  });

  it("refuses connections while it is disabled, and has its port again afterwards", async () => {
    expect(proxy.isEnabled).toBe(true);
    await proxy.setEnabled(false);
    expect(proxy.isEnabled).toBe(false);
    await expect(ping()).rejects.toThrow("ECONNREFUSED");
    await proxy.setEnabled(true);
    await expect(ping()).resolves.toBe("+PONG");
  });

  it("is healed by its own reset, and with all others by the server's", async () => {
    const other = await toxiproxy.createProxy({ name: "inst-2.redis-a", upstream: `127.0.0.1:${redis.port}` });
    const hurtBoth = async (): Promise<void> => {
      for (const link of [proxy, other]) {
        await link.addToxic(silence("upstream"));
        await link.setEnabled(false);
      }
    };
    await hurtBoth();
    await proxy.reset();
    await expect(ping()).resolves.toBe("+PONG");
    await expect(askRedis(other.listenPort, ["PING"], patience)).rejects.toThrow("ECONNREFUSED");
    await other.reset();
    await hurtBoth();
    await toxiproxy.reset();
    expect([proxy, other].map(({ isEnabled }) => isEnabled)).toEqual([true, true]);
    await expect(ping()).resolves.toBe("+PONG");
    await expect(askRedis(other.listenPort, ["PING"], patience)).resolves.toBe("+PONG");
    await hurtBoth();
  });

  it("is not left with a toxic that does something else than was meant", async () => {
    const misspelt: unknown = { ...latency(0), attributes: { latencyy: 5, jitter: 0 } };
    await expect(proxy.addToxic(misspelt as Toxic)).rejects.toThrow(/latencyy undefined on the server/);
    await expect(proxy.addToxic(latency(0.5))).rejects.toThrow(LabError);
    await proxy.addToxic(latency(1));
    await expect(ping()).resolves.toBe("+PONG");
  });

  it("is gone once it is removed, and its name is free", async () => {
    await proxy.remove();
    await expect(isFree(proxy.listenPort)).resolves.toBe(true);
    const { name, upstream, listenPort } = proxy;
    await expect(toxiproxy.createProxy({ name, upstream, listenPort })).resolves.toMatchObject({ listenPort });
  });
});

describe("a toxiproxy-server of a lab", () => {
  it("refuses names and ports that are taken", async () => {
    const upstream = `127.0.0.1:${redis.port}`;
    await expect(toxiproxy.createProxy({ name: proxy.name, upstream })).rejects.toThrow(/status code 409/);
    const onTaken = toxiproxy.createProxy({ name: "other", upstream, listenPort: redis.port });
    await expect(onTaken).rejects.toThrow(PortTakenError);
    await expect(lab.toxiproxy({ port: toxiproxy.port })).rejects.toThrow(PortTakenError);
  });

  it("says of a port that another was faster to take that it is taken, and lets that one have it", async () => {
    const upstream = `127.0.0.1:${redis.port}`;
    const { listenPort } = proxy;
    await proxy.remove();
    const other = await lab.toxiproxy();
    const asked = [toxiproxy, other].map((server) => server.createProxy({ name: "same-port", upstream, listenPort }));
    const [lost, ...more] = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
    expect(more).toEqual([]);
    expect(lost).toMatchObject({ reason: expect.any(PortTakenError) });
    await expect(askRedis(listenPort, ["PING"], patience)).resolves.toBe("+PONG");
  });

  it("freezes its links while it is paused, and loses nothing", async () => {
    await toxiproxy.pause();
    await expect(askRedis(proxy.listenPort, ["INCR", "key"], 50)).rejects.toThrow("no answer within 50 ms");
    toxiproxy.resume();
    await expect(ping()).resolves.toBe("+PONG");
  });

  it("gets few calls at once, however many are made, and all of them, failed ones too", async () => {
    const changes = Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0 ? proxy.removeToxic("none").catch(() => "failed") : proxy.setEnabled(index % 2 === 0),
    );
    await Promise.all([...changes, toxiproxy.createProxy({ name: "other", upstream: proxy.upstream })]);
    const asked = calls.filter(({ method }) => method === "set_enabled" || method === "remove_toxic");
    expect(asked).toHaveLength(30);
    const inFlight = asked.map(({ at }) => asked.filter((other) => other.at <= at && other.until > at).length);
    expect(Math.max(...inFlight)).toBeGreaterThan(1);
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(8);
  });

  it("has every call recorded, failed ones too, with the times between which it took effect", async () => {
    const from = performance.now();
    await proxy.addToxic(latency(1));
    await proxy.addToxic(latency(2)).catch(() => undefined);
    await proxy.removeToxic("slow");
    await proxy.setEnabled(false);
    await toxiproxy.reset();
    await proxy.remove();
    const until = performance.now();
    expect(calls.map(({ method, outcome }) => [method, outcome])).toEqual([
      ["create_proxy", "done"],
      ["add_toxic", "done"],
      ["add_toxic", "failed"],
      ["remove_toxic", "done"],
      ["set_enabled", "done"],
      ["reset", "done"],
      ["remove_proxy", "done"],
    ]);
    expect(calls[1]).toMatchObject({ proxy: "inst-1.redis-a", detail: latency(1) });
    const times = calls.slice(1).flatMap((call) => [call.at, call.until]);
    expect([from, ...times, until]).toEqual([from, ...times, until].toSorted((a, b) => a - b));
  });
});
