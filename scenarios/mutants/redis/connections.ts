/** Mutants of connections: mostly the defaults of a client library. */
import type { RedisMutant } from "./mutant.ts";

export const wrongConnections: readonly RedisMutant[] = [
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
        find: "    retryStrategy: reconnectAfter,\n",
        replace: "    retryStrategy: (attempt) => (attempt > 3 ? null : reconnectAfter(attempt)),\n",
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
        find: "    retryStrategy: reconnectAfter,\n",
        replace: "    retryStrategy: (attempt) => 2_000 + reconnectAfter(attempt),\n",
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
