/**
 * Connections that neither queue without bound nor hang. The settings are those measured in the field:
 * nothing is queued while there is no connection, nothing is sent again by the client (a re-sent write is a second write),
 * what was in flight when a connection broke is given up at once, and a connection that stays silent is closed.
 */
import { Cluster, Redis } from "ioredis";
import type { Millis } from "../../protocol/time.ts";
import { rotatingConnector } from "./rotating-connector.ts";
import { draw } from "./spread.ts";
import { type Address, type Topology, topologyOf } from "./topology.ts";
import type { ServerOptions } from "./url.ts";

export interface ConnectionTuning {
  /** Silence after which a connection with calls in flight is given up. Well above the latencies to be lived with. */
  readonly silence: Millis;
  /** The pause before attempt n (1, 2, …) to connect again. @param drawn from [0, 1) */
  readonly reconnectAfter: (attempt: number, drawn: number) => Millis;
  readonly name: string;
}

export interface ConnectionOptions extends ConnectionTuning {
  /** `redis://[user:password@]host:port[/db]`, or rediss:// for TLS. */
  readonly url: string;
}

export type Role = "commands" | "subscriber";

/** All nodes of a Cluster through one client, or the one server. */
export type Client = Redis | Cluster;

/** Not yet connecting: the owner adds its listeners first. An `error` listener is there already; failures show in the calls. */
export function createConnection(options: ConnectionOptions, role: Role): Redis {
  return quiet(new Redis({ ...behaviour(options, role), ...topologyOf(options.url).server }));
}

/** Called for each error that a server replies. @returns whether its connection is to be made anew */
type OnError = (error: Error) => boolean;

/** Like `createConnection`, for any topology. */
export function createClient(topology: Topology, tuning: ConnectionTuning, onError: OnError = () => false): Client {
  if (topology.kind === "cluster") return createClusterClient(topology, tuning, onError);
  const reconnectOnError = (error: Error) => (onError(error) ? 1 : false) as 1 | false;
  const options = { ...behaviour(tuning, "commands"), ...trust(topology, tuning), reconnectOnError };
  return quiet(new Redis({ ...options, ...topology.server }));
}

/** One connection for the channels. In a Cluster every node passes on what any of them publishes, so one connection to any node will do:
 * each attempt takes the next.
 * @param known the nodes that are known now; in a Cluster those it was declared with are added
 */
export function createSubscriber(
  topology: Topology,
  tuning: ConnectionTuning,
  known: () => readonly Address[] = () => [],
): Redis {
  const options = { ...behaviour(tuning, "subscriber"), ...trust(topology, tuning), ...topology.server };
  if (topology.kind !== "cluster") return quiet(new Redis(options));
  const nodes = (): readonly Address[] => [...known(), ...topology.nodes];
  return quiet(new Redis({ ...options, Connector: rotatingConnector(nodes, topology.server.tls) }));
}

function behaviour({ name, reconnectAfter, silence }: ConnectionTuning, role: Role): ServerOptions {
  return {
    lazyConnect: true,
    protocol: 2,
    connectionName: `lockproof-${name}-${role}`,
    connectTimeout: silence,
    disconnectTimeout: 100,
    socketTimeout: silence,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => reconnectAfter(attempt, draw()),
    reconnectOnError: null,
    stringNumbers: true,
  };
}

/** Sentinels can name a former primary: the role of the server is checked. */
function trust({ kind }: Topology, { reconnectAfter, silence }: ConnectionTuning): ServerOptions {
  if (kind !== "sentinel") return {};
  return {
    enableReadyCheck: true,
    sentinelCommandTimeout: silence,
    sentinelRetryStrategy: (attempt) => reconnectAfter(attempt, draw()), // a number always: else the client would end for ever
  };
}

/** A redirection is followed; a call that broke off is not sent again, so it is never sent twice. */
function createClusterClient(
  topology: Topology & { readonly kind: "cluster" },
  tuning: ConnectionTuning,
  onError: OnError,
): Cluster {
  const { enableOfflineQueue: _, retryStrategy: __, ...nodeBehaviour } = behaviour(tuning, "commands");
  const client = new Cluster(
    topology.nodes.map(({ host, port }) => ({ host, port: port ?? 6_379 })),
    {
      ...topology.naming,
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      scaleReads: "master",
      maxRedirections: 3,
      retryDelayOnMoved: 0,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 5,
      slotsRefreshTimeout: tuning.silence,
      slotsRefreshInterval: 5_000,
      clusterRetryStrategy: (attempt) => tuning.reconnectAfter(attempt, draw()),
      redisOptions: {
        ...nodeBehaviour,
        reconnectOnError: (error) => (onError(error) ? 1 : false),
        ...topology.server,
      },
    },
  );
  client.on("error", () => {});
  // Connected before it is needed: while a node is being connected its calls fail. Later, because a call that has just found it
  // wants to be the one that connects.
  client.on("+node", (node: Redis) => setImmediate(() => connectIdle(node)));
  return client;
}

function connectIdle(node: Redis): void {
  if (node.status === "wait" && node.options.readOnly !== true) node.connect().catch(() => {});
}

function quiet(client: Redis): Redis {
  client.on("error", () => {});
  return client;
}
