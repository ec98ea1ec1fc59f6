/** Mutants of connections: mostly the defaults of a client library. */
import type { RedisMutant } from "./mutant.ts";

const ofDemotion = (
  id: string,
  check: string,
  origin: string,
  [file, find, replace]: readonly [string, string, string],
): RedisMutant => ({
  ...{ id, check, origin: `redis: ${origin}`, property: "D3", edits: [{ file: `src/redis/${file}`, find, replace }] },
});
const renewal = "connection/renewal.ts";

const wrongAfterDemotion: readonly RedisMutant[] = [
  ofDemotion(
    "stays-with-the-demoted",
    "demoted-and-connected",
    "a server that takes no writes any more is kept for as long as its connection stands: our own mistake",
    [renewal, "if (!isReadOnly(error) || this.#isClosed", "if (isReadOnly(error) || this.#isClosed"],
  ),
  ofDemotion(
    "feed-stays-with-the-demoted",
    "demoted-and-connected",
    "only the connection for calls leaves a demoted primary, and the subscription hears nothing any more",
    ["feed.ts", "options.onRenewed?.(() => renew(client));", "options.onRenewed?.(() => {});"],
  ),
  ofDemotion("looks-without-a-pause", "demoted-and-alone", "every refused write looks for another primary", [
    renewal,
    "if (now < this.#notBefore) return false;",
    "if (now < 0) return false;",
  ]),
  ofDemotion(
    "reconnects-at-each-refusal",
    "demoted-and-alone",
    "a refused write makes the connection anew, whatever answers there (reconnectOnError): reads fail with it",
    [renewal, `if (this.#options.topology.kind === "cluster") return true;`, "if (this.#pause > 0) return true;"],
  ),
  ofDemotion(
    "nodes-stay-demoted",
    "demoted-in-a-cluster",
    "the connections of a Cluster are left to its redirections, which a node that was demoted alone does not give",
    [
      renewal,
      `if (this.#options.topology.kind === "cluster") return true;`,
      `if (this.#options.topology.kind === "cluster") return false;`,
    ],
  ),
];

export const wrongConnections: readonly RedisMutant[] = [
  {
    id: "as-many-changes-each-time",
    origin: "redis: changes are asked for by the setting, however few the caller wants this time: our own mistake",
    check: "slow-link",
    property: "V4",
    edits: [
      {
        file: "src/redis/scripts/wire.ts",
        find: "String(since.sequence), String(limit), String(maxBytes)]",
        replace: "String(since.sequence), String(limit > 0 ? 500 : maxBytes * 0), String(mostBytes)]",
      },
    ],
  },
  ...wrongAfterDemotion,
  {
    id: "resends-after-reconnect",
    origin:
      "redis: the client resends the calls in flight when its connection broke (autoResendUnfulfilledCommands left on)",
    check: "sent-once",
    property: "J3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: "    autoResendUnfulfilledCommands: false,\n",
        replace: "    autoResendUnfulfilledCommands: true,\n",
      },
      {
        file: "src/redis/connection/connection.ts",
        find: "    maxRetriesPerRequest: 0,\n",
        replace: "    maxRetriesPerRequest: 20,\n",
      },
    ],
  },
  {
    id: "queues-while-away",
    origin: "redis: calls made while there is no connection wait in the client's queue (enableOfflineQueue left on)",
    check: "not-later",
    property: "J3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: "    enableOfflineQueue: false,\n    enableReadyCheck: false,\n    disableClientInfo",
        replace: "    enableOfflineQueue: true,\n    enableReadyCheck: false,\n    disableClientInfo",
      },
      {
        file: "src/redis/connection/connection.ts",
        find: "    maxRetriesPerRequest: 0,\n",
        replace: "    maxRetriesPerRequest: 20,\n",
      },
      {
        file: "src/redis/store.ts",
        find: "if (obstacle !== null) return failure",
        replace: 'if (obstacle !== null && obstacle.cause !== "disconnected") return failure',
      },
    ],
  },
  {
    id: "silence-is-golden",
    origin: "redis: a connection that stays silent is kept: nothing ends it but the other side (no socketTimeout)",
    check: "half-open",
    property: "D3",
    edits: [{ file: "src/redis/connection/connection.ts", find: "    socketTimeout: silence,\n", replace: "" }],
  },
  {
    id: "no-connect-deadline",
    origin: "redis: a connect has no timeout",
    check: "silent-server",
    property: "K3",
    edits: [
      { file: "src/redis/connection/connection.ts", find: "    socketTimeout: silence,\n", replace: "" },
      {
        file: "src/redis/connection/link.ts",
        find: "await within(client.connect(), 2 * tuning.silence);\n        await within(examined, 2 * tuning.silence);",
        replace: "await client.connect();\n        await examined;",
      },
    ],
  },
  {
    id: "gives-up-connecting",
    origin: "redis: no attempt follows the third one that failed: a retry strategy that returns null",
    check: "away-for-long",
    property: "D3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: "    retryStrategy: (attempt) => reconnectAfter(attempt, draw()),\n",
        replace: "    retryStrategy: (attempt) => (attempt > 3 ? null : reconnectAfter(attempt, draw())),\n",
      },
    ],
  },
  {
    id: "reconnects-after-two-seconds",
    origin: "redis: attempts to connect again are two seconds apart, to spare the server",
    check: "away-for-long",
    property: "D3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: "    retryStrategy: (attempt) => reconnectAfter(attempt, draw()),\n",
        replace: "    retryStrategy: (attempt) => 2_000 + reconnectAfter(attempt, draw()),\n",
      },
    ],
  },
  {
    id: "subscribes-once",
    origin: "redis: the channels are subscribed to at the start, and not again after a reconnect",
    check: "resubscribe",
    property: "V4",
    edits: [
      {
        file: "src/redis/feed.ts",
        find: '      client.on("ready", () => {\n',
        replace: '      client.once("ready", () => {\n',
      },
    ],
  },
  {
    id: "subscriber-never-pings",
    origin: "redis: the subscriber's connection is never pinged: a silent loss looks like an idle feed",
    check: "feed-half-open",
    property: "V4",
    edits: [
      {
        file: "src/redis/feed.ts",
        find: "pings = setInterval(() => ping(client), options.pingEvery ?? connectionDefaults.pingEvery);",
        replace: "pings = undefined;",
      },
    ],
  },
  {
    id: "redirection-ignored",
    origin: "redis: a moved slot is still called at its former node (no redirection is followed)",
    check: "slot-moved",
    property: "D3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: "      maxRedirections: 3,\n",
        replace: "      maxRedirections: 0,\n",
      },
    ],
  },
  {
    id: "trusts-replicas",
    origin: "redis: the server that a Sentinel names is taken for the primary, though it answers that it is a replica",
    check: "replica-behind",
    property: "N3",
    edits: [
      {
        file: "src/redis/connection/connection.ts",
        find: '  if (kind !== "sentinel") return {};\n',
        replace: "  if (kind !== null) return {};\n",
      },
    ],
  },
];
