/** Claims about the search for another primary, which a refused write begins. */
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { embedded, offer, until } from "../embedded/embedded.ts";
import { Relay } from "../relay.ts";
import { type Said, ScriptedRedis } from "../replies/scripted-redis.ts";
import { StaleSentinel } from "../stale-sentinel.ts";
import { type ContractWorld, callTimeout, inWords, reserve, wire } from "../world.ts";

const readonly: Said = { error: "READONLY You can't write against a read only replica." };
const replica = "role:slave\r\ncluster_enabled:0";
const primary = "role:master\r\ncluster_enabled:0";

/** Silent for longer than any look takes, so that none of them ends by that. */
const patient = { silence: 10 * callTimeout };

interface Demoted {
  readonly store: RedisStore;
  readonly renewals: () => number;
  /** Writes until it is so; each write is refused. */
  readonly writeUntil: (condition: () => boolean) => Promise<boolean>;
}

/** Connected to a server that takes no writes any more. */
async function demoted({ keep, modules }: ContractWorld, redis: ScriptedRedis, place: object): Promise<Demoted> {
  const store = keep(modules.createRedisStore({ ...place, ...wire, ...patient } as never));
  let renewals = 0;
  store.onRenewed(() => {
    renewals += 1;
  });
  await store.connect();
  redis.said = readonly;
  let writes = 0;
  const writeUntil = (condition: () => boolean): Promise<boolean> =>
    until(async () => {
      writes += 1;
      await reserve(store, `j${writes}`);
      return condition();
    });
  return { store, renewals: () => renewals, writeUntil };
}

const looks = ({ heard }: ScriptedRedis): number => heard.filter((name) => name === "info").length - 1;

export const renewalChecks: readonly ContractCheck[] = [
  {
    id: "another-primary",
    property: "D3",
    claim:
      "a refused write looks for another primary; a replica is none, and where one is found all connections are made anew",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.info = replica;
      const { renewals, store, writeUntil } = await demoted(world, redis, { url: redis.url });
      compare.same("a look", await writeUntil(() => looks(redis) > 0 && redis.standing === 1), true);
      compare.same("renewals while there is none", renewals(), 0);
      compare.same("connections but those of looks", redis.connections - looks(redis), 1);
      redis.info = primary;
      compare.same("a renewal", await writeUntil(() => renewals() > 0), true);
      redis.said = ["reserved", "ab:1"];
      const write = async () => ((await reserve(store, "j")).kind === "reserved" ? true : undefined);
      compare.same("a write then", await waitFor(write, { timeout: callTimeout, interval: 5 }), true);

      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const topology = world.modules.topologyOf({ cluster: [{ host: loopback, port: node.port }] });
      const cluster = await demoted(world, node, { topology });
      compare.same("a renewal in a Cluster", await cluster.writeUntil(() => cluster.renewals() > 0), true);
      return compare.found;
    },
  },
  {
    id: "looks-end",
    property: "K6",
    claim: "a look for another primary leaves no connection, also one that has no answer when its store is closed",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.info = replica;
      const { store, writeUntil } = await demoted(world, redis, { url: redis.url });
      const isOver = await writeUntil(() => looks(redis) > 1 && redis.standing === 1);
      compare.same("one connection after two looks", isOver, true);
      redis.silentTo = "info";
      const before = looks(redis);
      compare.same("a look without an answer", await writeUntil(() => looks(redis) > before), true);
      await store.close();
      await until(() => redis.standing === 0);
      compare.same("connections after close", redis.standing, 0);
      return compare.found;
    },
  },
  {
    id: "renewed-while-reconnecting",
    property: "D3",
    claim: "a connection for calls that is being made again when another primary is found is made all the same",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.info = primary;
      await using sentinel = await StaleSentinel.open(redis.port);
      await using way = await Relay.open(sentinel.port);
      const topology = world.modules.topologyOf({ sentinels: [{ host: loopback, port: way.port }], name: "main" });
      const { renewals, store, writeUntil } = await demoted(world, redis, { topology });
      redis.heldBack = "info";
      compare.same("a look without an answer", await writeUntil(() => redis.held > 0), true);
      way.sendAway();
      const before = way.arrivals.length;
      if ("stream" in store.client) store.client.stream.destroy();
      compare.same("attempts to connect again", await until(() => way.arrivals.length > before), true);
      redis.release();
      compare.same("a renewal", await until(() => renewals() > 0), true);
      way.serve();
      redis.said = ["reserved", "ab:1"];
      const isBack = await until(async () => (await reserve(store, "j")).kind === "reserved");
      compare.same("a write then", isBack, true);
      return compare.found;
    },
  },
  {
    id: "both-renewed",
    property: "D3",
    claim: "an embedded scheduler makes its subscription anew too, where a refused write has found another primary",
    async run(world) {
      const compare = new Comparisons();
      const other = await world.lab.redis();
      const scheduler = await embedded(world, { redis: world.relay.url });
      await scheduler.start();
      await until(() => scheduler.status().connected);
      // Nothing listens there: it follows none, and takes no writes.
      await world.redis.execute("REPLICAOF", loopback, "1");
      world.relay.retarget(other.port);
      const write = await scheduler.registerNode({ node: "n1", ...offer });
      compare.same("a write at the former primary", inWords(write).split(",")[0], "readonly");
      const isSubscribed = async () => (await other.ask("CLIENT", "LIST", "TYPE", "pubsub")).includes("addr=");
      compare.same("subscribed at the other one", await until(isSubscribed), true);
      return compare.found;
    },
  },
];
