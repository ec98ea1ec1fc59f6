/** Claims about where an instance connects: what each address is read as, and which ones are refused before anything is connected. */
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";

const host = "127.0.0.1";
const tls = { ca: "ca" };
const natMap = { "10.0.0.1:1": { host, port: 2 } };

const single = (server: object): object => ({ kind: "single", server });
const url = (more: object = {}): object => single({ host: "db", port: 6_379, db: 0, ...more });

/** As it is given, with TLS or without, and as it is read. */
const read: readonly (readonly [given: unknown, tls: object | undefined, topology: object])[] = [
  ["redis://db", undefined, url()],
  ["redis://db/", undefined, url()],
  ["redis://db:7000/3", undefined, url({ port: 7_000, db: 3 })],
  ["redis://[::1]:7000", undefined, url({ host: "::1", port: 7_000 })],
  ["redis://user:p%40ss@db", undefined, url({ username: "user", password: "p@ss" })],
  ["redis://:secret@db", undefined, url({ password: "secret" })],
  ["redis://us%3Aer@db", undefined, url({ username: "us:er" })],
  ["rediss://db", undefined, url({ tls: {} })],
  ["rediss://db", tls, url({ tls })],
  [
    { sentinels: [{ host }, { host: "b", port: 7_000 }], name: "main" },
    undefined,
    {
      kind: "sentinel",
      server: {
        sentinels: [
          { host, port: 26_379 },
          { host: "b", port: 7_000 },
        ],
        name: "main",
        role: "master",
      },
    },
  ],
  [
    {
      ...{ sentinels: [{ host }], name: "main", db: 2, natMap, username: "u", password: "p" },
      ...{ sentinelUsername: "su", sentinelPassword: "sp", sentinelTls: { ca: "s" } },
    },
    tls,
    {
      kind: "sentinel",
      server: {
        ...{ sentinels: [{ host, port: 26_379 }], name: "main", role: "master", db: 2, natMap },
        ...{ username: "u", password: "p", sentinelUsername: "su", sentinelPassword: "sp", sentinelTLS: { ca: "s" } },
        ...{ tls, enableTLSForSentinelMode: true },
      },
    },
  ],
  [
    { cluster: [{ host }, { host, port: 65_535 }, { host, port: 1 }] },
    undefined,
    {
      ...{ kind: "cluster", server: {}, naming: {} },
      nodes: [
        { host, port: 6_379 },
        { host, port: 65_535 },
        { host, port: 1 },
      ],
    },
  ],
  [
    { cluster: [{ host }], username: "u", password: "p", natMap },
    tls,
    {
      ...{ kind: "cluster", nodes: [{ host, port: 6_379 }] },
      ...{ server: { username: "u", password: "p", tls }, naming: { natMap } },
    },
  ],
];

const usual = "redis: found ";
const see = "; see docs/embedding.md, Addresses";
const schemes = "allowed redis://host:port or rediss://host:port";
const kinds = "allowed a URL, {sentinels, name}, {cluster}, or an ioredis client";
const hosts = (where: string): string => `${where}: found nothing usable, allowed a host; give a name or an IP address`;
const some = (where: string): string =>
  `${where}: found nothing usable, allowed at least one {host, port}; name some of them`;
const ports = (where: string, port: string): string =>
  `${where}: found ${port}, allowed a port from 1 to 65535; give the server's port`;
const noName = "redis.name: found nothing usable, allowed the primary's name; as in `sentinel monitor`";

const refused: readonly (readonly [given: unknown, message: string])[] = [
  ["", `${usual}no URL, ${schemes}${see}`],
  ["db:6379", `${usual}a URL that begins with db:, ${schemes}${see}`],
  ["http://db", `${usual}a URL that begins with http:, ${schemes}${see}`],
  ["redis://", `${usual}no host, allowed a host after redis://${see}`],
  ["redis:///0", `${usual}no host, allowed a host after redis://${see}`],
  [
    "redis://u:hidden@db/x",
    `${usual}a path that is not a database number, allowed nothing, or a number such as /0${see}`,
  ],
  ["redis://db/123456", `${usual}a path that is not a database number, allowed nothing, or a number such as /0${see}`],
  ["redis://db?family=6", `${usual}parameters after ? or #, allowed a URL without them${see}`],
  ["redis://db#x", `${usual}parameters after ? or #, allowed a URL without them${see}`],
  ["redis://db:70000", `${usual}no URL, ${schemes}${see}`],
  ["redis://user:50%@db", `${usual}a user or password with a lone %, allowed percent-encoded text${see}`],
  [null, `${usual}null, ${kinds}${see}`],
  [7, `${usual}number, ${kinds}${see}`],
  [{}, `${usual}object, ${kinds}${see}`],
  [{ sentinels: [], name: "main" }, some("redis.sentinels")],
  [{ sentinels: "x", name: "main" }, some("redis.sentinels")],
  [{ sentinels: [{ host }], name: "" }, noName],
  [{ sentinels: [{ host }] }, noName],
  [{ sentinels: [{ host: "" }], name: "main" }, hosts("redis.sentinels[0].host")],
  [{ cluster: [] }, some("redis.cluster")],
  [{ cluster: [{ host }, { host: 1 }] }, hosts("redis.cluster[1].host")],
  [{ cluster: [{ host, port: 0 }] }, ports("redis.cluster[0].port", "0")],
  [{ cluster: [{ host, port: 65_536 }] }, ports("redis.cluster[0].port", "65536")],
  [{ cluster: [{ host, port: 1.5 }] }, ports("redis.cluster[0].port", "1.5")],
];

/** Options of a user, as ioredis keeps them; those of `habits` are not ours to take over. */
const habits = { retryStrategy: () => 1, enableOfflineQueue: true, connectTimeout: 1, keyPrefix: "", readOnly: false };
const whereAndWhom = {
  ...{ host, port: 7_000, path: "/s", family: 6, db: 2, username: "u", password: "p", tls },
  ...{ natMap, keepAlive: 1, noDelay: true },
};
const ofSentinels = {
  ...{ sentinels: [{ host, port: 1 }], name: "main", sentinelUsername: "su", sentinelPassword: "sp" },
  ...{ sentinelTLS: tls, enableTLSForSentinelMode: true },
};
const client = (options: object, more: object = {}): object => ({ isCluster: false, options, duplicate() {}, ...more });
const cluster = (options: object, startupNodes: unknown): object => client(options, { isCluster: true, startupNodes });
const lookUp = { dnsLookup: () => 1, useSRVRecords: true, resolveSrv: () => 1 };

const adopted: readonly (readonly [what: string, client: object, topology: object])[] = [
  ["of one server", client({ ...habits, ...whereAndWhom }), single(whereAndWhom)],
  ["with options that say nothing", client({ host, port: null, sentinels: null }), single({ host })],
  ["with an empty list of Sentinels", client({ host, sentinels: [] }), single({ host, sentinels: [] })],
  ["of Sentinels", client({ ...habits, ...ofSentinels }), { kind: "sentinel", server: ofSentinels }],
  [
    "of a Cluster",
    cluster({ ...habits, natMap, ...lookUp, redisOptions: { ...habits, password: "p" } }, [
      ...[{ host, port: 7_000 }, 7_001, `redis://${host}:7002`, `${host}:7003`, "b", { port: "7004" }, { host: "c" }],
      ...[null, true],
    ]),
    {
      ...{ kind: "cluster", server: { password: "p" }, naming: { natMap, ...lookUp } },
      nodes: [
        ...[7_000, 7_001, 7_002, 7_003].map((port) => ({ host, port })),
        ...[
          { host: "b", port: 6_379 },
          { host, port: 7_004 },
          { host: "c", port: 6_379 },
        ],
      ],
    },
  ],
  [
    "of a Cluster without options for its nodes",
    cluster({}, [7_000]),
    {
      ...{ kind: "cluster", nodes: [{ host, port: 7_000 }], server: {}, naming: {} },
    },
  ],
];

const prefix = "an ioredis client with keyPrefix, allowed one without, and the option `prefix` instead";
const replica = "an ioredis client that talks to replicas, allowed one that talks to the primary";
const noNodes = "a Cluster client without startup nodes, allowed one that names some of its nodes";

const notAdopted: readonly (readonly [client: object, found: string])[] = [
  [client({ keyPrefix: "app:" }), prefix],
  [client({ readOnly: true }), replica],
  [client({ role: "slave" }), replica],
  [cluster({ redisOptions: { keyPrefix: "app:" } }, [7_000]), prefix],
  [cluster({ redisOptions: { readOnly: true } }, [7_000]), replica],
  [cluster({}, []), noNodes],
  [cluster({}, "none"), noNodes],
  [client({}, { isCluster: true }), noNodes],
];

/** Its result, or its error in words. */
function outcomeOf(work: () => object): object | string {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

export const addressChecks: readonly ContractCheck[] = [
  {
    id: "addresses",
    property: "K7",
    claim: "each kind of address is read as documented, and any other is refused, without showing a password",
    async run({ modules: { topologyOf } }) {
      const compare = new Comparisons();
      const topology = topologyOf as (given: unknown, tls?: object) => object;
      for (const [given, security, allowed] of read)
        compare.same(
          JSON.stringify(given),
          outcomeOf(() => topology(given, security)),
          allowed,
        );
      for (const [given, message] of refused)
        compare.same(
          `refused: ${JSON.stringify(given)}`,
          outcomeOf(() => topology(given)),
          `AddressError: ${message}`,
        );
      return compare.found;
    },
  },
  {
    id: "existing-clients",
    property: "K7",
    claim:
      "of a client of the user where and as whom it connects is taken over, and nothing else; one that may do harm is refused",
    async run({ modules: { isExistingClient, topologyOfClient } }) {
      const compare = new Comparisons();
      const isOne = isExistingClient as (given: unknown) => boolean;
      const topology = topologyOfClient as (given: object) => object;
      for (const [what, given, allowed] of adopted) {
        compare.same(`a client ${what}: is one`, isOne(given), true);
        compare.same(
          `a client ${what}`,
          outcomeOf(() => topology(given)),
          allowed,
        );
      }
      for (const [given, found] of notAdopted) {
        const message = outcomeOf(() => topology(given));
        compare.same(`refused: ${found}`, message, `AddressError: ${usual}${found}${see}`);
      }
      const { duplicate: _, ...partial } = client({}) as Readonly<Record<string, unknown>>;
      const others = [null, undefined, "redis://db", 7, { host }, partial, { ...partial, duplicate: 1 }];
      compare.same(
        "what is no client",
        others.map(isOne),
        others.map(() => false),
      );
      return compare.found;
    },
  },
];
