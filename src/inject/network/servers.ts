/** The servers of a run: which hold data, which replica follows which primary, and which primary owns a partition now. */
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { Lab } from "../../lab/lab.ts";
import { loopback } from "../../lab/process/port.ts";
import { ownerOf, startCluster } from "../../lab/servers/cluster.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { startReplica } from "../../lab/servers/replica.ts";
import { startSentinel } from "../../lab/servers/sentinel.ts";
import type { ToxicProxy } from "../../lab/toxiproxy/proxy.ts";
import type { ToxiproxyServer } from "../../lab/toxiproxy/toxiproxy.ts";
import { keyspace } from "../../redis/scripts/keys.ts";
import { ClusterBus } from "./cluster-bus.ts";
import { ServerClock } from "./server-clock.ts";

/** The servers as they were started. */
interface Started {
  /** In a Cluster in the order of their slots. */
  readonly primaries: readonly RedisServer[];
  /** `replicas[i]` follows `primaries[i]`; none on a single server. */
  readonly replicas: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The Sentinels' name for the primary. */
  readonly name: string;
  /** Only in a Cluster. */
  readonly bus?: ClusterBus;
}

/** Sentinels take a primary for down only after so long: on a busy machine it may be slow to answer. */
const downAfter = 5_000;
/** For so long a primary that is cut off from its Cluster goes on serving: longer than a split brain lasts. */
const nodeTimeout = 10_000;
/** Sentinels reconfigure replicas after so long: longer than a run, which does it itself. */
const sentinelTimeout = 60_000;
const quickSync = ["--repl-diskless-sync-delay", "0"];

export class Servers {
  readonly kind: RedisTopology;
  readonly primaries: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The Sentinels' name for the primary. */
  readonly name: string;
  /** The bus between the nodes of a Cluster; null: there is no Cluster. */
  readonly bus: ClusterBus | null;
  readonly clock = new ServerClock();
  /** The proxies through which replicas follow a server; empty for a single server. */
  readonly #ways: ReadonlyMap<RedisServer, ToxicProxy>;
  /** By partition. */
  readonly #owners: RedisServer[];
  readonly #followers: Map<RedisServer, RedisServer>;

  constructor(
    kind: RedisTopology,
    started: Started,
    ways: ReadonlyMap<RedisServer, ToxicProxy>,
    owners: RedisServer[],
  ) {
    this.kind = kind;
    this.primaries = started.primaries;
    this.replicas = started.replicas;
    this.sentinels = started.sentinels;
    this.name = started.name;
    this.bus = started.bus ?? null;
    this.#ways = ways;
    this.#owners = owners;
    this.#followers = new Map(started.replicas.map((replica, index) => [at(started.primaries, index), replica]));
  }

  /** All that hold data. */
  get data(): readonly RedisServer[] {
    return [...this.primaries, ...this.replicas];
  }

  /** The primary of the first partition: the only primary unless there is a Cluster. */
  get primary(): RedisServer {
    return this.primaryOf(0);
  }

  primaryOf(partition: number): RedisServer {
    return at(this.#owners, partition);
  }

  /** The partitions of which it is the primary. */
  partitionsOf(server: RedisServer): readonly number[] {
    return this.#owners.flatMap((owner, partition) => (owner === server ? [partition] : []));
  }

  replicaOf(primary: RedisServer): RedisServer {
    const replica = this.#followers.get(primary);
    if (replica === undefined) throw new Error(`no replica follows the redis-server on port ${primary.port}`);
    return replica;
  }

  /** The proxy through which replicas follow a server. */
  wayTo(server: RedisServer): ToxicProxy {
    const way = this.#ways.get(server);
    if (way === undefined)
      throw new Error(`there is no proxy through which to follow the redis-server on port ${server.port}`);
    return way;
  }

  /** The port that a server announces to clients. */
  announced(server: RedisServer): number {
    return this.kind === "cluster" ? this.wayTo(server).listenPort : server.port;
  }

  /** The replica becomes the primary, and the former primary its replica. */
  exchange(primary: RedisServer): void {
    const replica = this.replicaOf(primary);
    for (const partition of this.partitionsOf(primary)) this.#owners[partition] = replica;
    this.#followers.delete(primary);
    this.#followers.set(replica, primary);
  }

  /** Another primary serves the partition from now on. */
  give(partition: number, server: RedisServer): void {
    this.#owners[partition] = server;
  }
}

export interface ServersOptions {
  readonly lab: Lab;
  readonly toxiproxy: ToxiproxyServer;
  readonly partitions: number;
  readonly prefix: string;
}

/** @throws LabError when one of them does not get ready, or they do not agree */
export async function openServers(kind: RedisTopology, options: ServersOptions): Promise<Servers> {
  const { partitions, prefix, toxiproxy } = options;
  const ways = new Map<RedisServer, ToxicProxy>();
  const wayTo = async (server: RedisServer): Promise<number> => {
    const way = await toxiproxy.createProxy({
      name: `replication.${ways.size}`,
      upstream: `${loopback}:${server.port}`,
    });
    ways.set(server, way);
    return way.listenPort;
  };
  const started = await start(kind, options.lab, wayTo);
  if (kind !== "single") for (const server of started.replicas) if (!ways.has(server)) await wayTo(server);
  const owners: RedisServer[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const { meta } = keyspace(prefix, `p${partition}`);
    const slot = kind === "cluster" ? await slotOf(at(started.primaries, 0), meta) : 0;
    owners.push(at(started.primaries, kind === "cluster" ? ownerOf(slot, started.primaries.length) : 0));
  }
  return new Servers(kind, started, ways, owners);
}

async function start(kind: RedisTopology, lab: Lab, wayTo: (server: RedisServer) => Promise<number>): Promise<Started> {
  const alone = { replicas: [], sentinels: [], name: "" };
  switch (kind) {
    case "single":
      return { ...alone, primaries: [await lab.redis()] };
    case "replica": {
      const primary = await lab.redis({ args: quickSync });
      const replica = await startReplica(lab, { of: await wayTo(primary), args: quickSync });
      return { ...alone, primaries: [primary], replicas: [replica] };
    }
    case "sentinel": {
      const timing = { downAfter, failoverTimeout: sentinelTimeout };
      const { name, primary, replicas, sentinels } = await startSentinel(lab, { ...timing, followAt: wayTo });
      return { primaries: [primary], replicas, sentinels, name };
    }
    case "cluster": {
      const args = ["--cluster-replica-no-failover", "yes"];
      const bus = new ClusterBus();
      const announce = async (node: RedisServer) => ({ port: await wayTo(node), busPort: await bus.open(node) });
      const { primaries, replicas } = await startCluster(lab, {
        ...{ replicasEach: 1, nodeTimeout, announce, args },
      });
      return { ...alone, primaries, replicas: replicas.flat(), bus };
    }
  }
}

export async function slotOf(server: RedisServer, key: string): Promise<number> {
  return Number((await server.ask("CLUSTER", "KEYSLOT", key)).slice(1));
}

function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no number ${index} among ${values.length}`);
  return value;
}
