import { Cluster, Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { isExistingClient, topologyOfClient } from "../../src/redis/connection/existing.ts";
import { topologyOf } from "../../src/redis/connection/topology.ts";
import { AddressError } from "../../src/redis/errors.ts";

const host = "127.0.0.1";
const lazy = { lazyConnect: true } as const;

describe("a URL", () => {
  it.each([
    ["redis://db", { host: "db", port: 6_379, db: 0 }],
    ["redis://db:7000/3", { host: "db", port: 7_000, db: 3 }],
    ["redis://[::1]:7000", { host: "::1", port: 7_000, db: 0 }],
    ["redis://user:p%40ss@db", { host: "db", port: 6_379, db: 0, username: "user", password: "p@ss" }],
    ["redis://:secret@db", { host: "db", port: 6_379, db: 0, password: "secret" }],
    ["rediss://db", { host: "db", port: 6_379, db: 0, tls: {} }],
  ])("%s is read", (url, server) => expect(topologyOf(url)).toEqual({ kind: "single", server }));

  it.each([
    "",
    "db:6379",
    "http://db",
    "redis://",
    "redis:///0",
    "redis://db/zero",
    "redis://db?family=6",
    "redis://db:70000",
    "redis://user:50%@db",
  ])("%j is refused", (url) => expect(() => topologyOf(url)).toThrow(AddressError));

  it("is refused without showing the password", () => {
    expect(() => topologyOf("redis://user:hidden7@db/x")).toThrow(/^(?!.*hidden7).*redis: found/u);
  });
});

describe("addresses", () => {
  it("of Sentinels have the Sentinels' port by default", () => {
    expect(topologyOf({ sentinels: [{ host }], name: "main", password: "p" })).toEqual({
      kind: "sentinel",
      server: { sentinels: [{ host, port: 26_379 }], name: "main", role: "master", password: "p" },
    });
  });

  it("of a Cluster have the servers' port by default, and TLS for all", () => {
    expect(topologyOf({ cluster: [{ host }, { host, port: 7_001 }] }, { ca: "ca" })).toEqual({
      kind: "cluster",
      nodes: [
        { host, port: 6_379 },
        { host, port: 7_001 },
      ],
      server: { tls: { ca: "ca" } },
      naming: {},
    });
  });

  it.each([
    ["no Sentinel", { sentinels: [], name: "main" }],
    ["no name", { sentinels: [{ host }], name: "" }],
    ["no node", { cluster: [] }],
    ["no host", { cluster: [{ host: "" }] }],
    ["a port out of range", { cluster: [{ host, port: 0 }] }],
  ])("with %s are refused", (_, redis) => expect(() => topologyOf(redis)).toThrow(AddressError));

  it.each([null, undefined, 7, {}])("%j are refused", (redis) => {
    expect(() => topologyOf(redis as unknown as string)).toThrow(AddressError);
  });
});

describe("an ioredis client", () => {
  it("gives its address and its user, and none of its habits", () => {
    const client = new Redis({ host, port: 7_000, db: 2, username: "u", password: "p", ...lazy, connectTimeout: 1 });
    expect(isExistingClient(client)).toBe(true);
    const { kind, server } = topologyOfClient(client);
    expect(kind).toBe("single");
    expect(server).toMatchObject({ host, port: 7_000, db: 2, username: "u", password: "p" });
    for (const habit of ["retryStrategy", "enableOfflineQueue", "autoResendUnfulfilledCommands", "connectTimeout"]) {
      expect(server).not.toHaveProperty(habit);
    }
  });

  it("of Sentinels gives the Sentinels", () => {
    const client = new Redis({ sentinels: [{ host, port: 7_000 }], name: "main", ...lazy });
    expect(topologyOfClient(client)).toMatchObject({ kind: "sentinel", server: { name: "main" } });
  });

  it("of a Cluster gives its nodes, however they were named", () => {
    const natMap = { "10.0.0.1:1": { host, port: 2 } };
    const client = new Cluster([{ host, port: 7_000 }, 7_001, `redis://${host}:7002`, `${host}:7003`], {
      ...lazy,
      natMap,
      redisOptions: { password: "p" },
    });
    expect(topologyOfClient(client)).toEqual({
      kind: "cluster",
      nodes: [7_000, 7_001, 7_002, 7_003].map((port) => ({ host, port })),
      server: { password: "p" },
      naming: expect.objectContaining({ natMap }),
    });
    client.disconnect();
  });

  it.each([
    ["a key prefix", new Redis({ keyPrefix: "app:", ...lazy })],
    ["a replica", new Redis({ readOnly: true, ...lazy })],
    ["replicas by Sentinel", new Redis({ sentinels: [{ host, port: 1 }], name: "main", role: "slave", ...lazy })],
    ["a key prefix in a Cluster", new Cluster([7_000], { redisOptions: { keyPrefix: "app:" }, ...lazy })],
  ])("with %s is refused", (_, client) => expect(() => topologyOfClient(client)).toThrow(AddressError));

  it.each([null, "redis://db", { host }])("is not %j", (other) => expect(isExistingClient(other)).toBe(false));
});
