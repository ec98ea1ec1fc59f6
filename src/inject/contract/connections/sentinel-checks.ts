/** Claims about Sentinels that do not answer. */
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { type ContractCheck, found } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { Relay } from "../relay.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { StaleSentinel } from "../stale-sentinel.ts";
import { answeredAgain, type ContractWorld, callTimeout, endsWithin, silence, wire } from "../world.ts";

/** Through Sentinels on these ports. */
async function connected({ keep, modules }: ContractWorld, ...ports: readonly number[]): Promise<RedisStore> {
  const sentinels = ports.map((port) => ({ host: loopback, port }));
  const topology = modules.topologyOf({ sentinels, name: "main" });
  const store = keep(modules.createRedisStore({ topology, ...wire, silence }));
  await store.connect();
  return store;
}

/** More than any attempt takes, on a machine that is busy. */
const allowed = 2 * callTimeout;

export const sentinelChecks: readonly ContractCheck[] = [
  {
    id: "sentinels-away",
    property: "D3",
    claim: "the primary is found again though its connection was lost while no Sentinel could be reached",
    async run(world) {
      await using sentinel = await StaleSentinel.open(world.redis.port);
      await using way = await Relay.open(sentinel.port);
      const store = await connected(world, way.port);
      if ((await answeredAgain(store, allowed)) !== true) return found(0);
      const before = way.arrivals.length;
      way.sendAway();
      await world.redis.ask("CLIENT", "KILL", "TYPE", "normal");
      const isLost = await waitFor(() => (store.standing() === 0 ? true : undefined), endsWithin);
      if (isLost !== true) return found(0);
      await waitFor(() => (way.arrivals.length >= before + 3 ? true : undefined), endsWithin);
      way.serve();
      const isBack = await answeredAgain(store, allowed);
      const explanation = [
        `no call was answered for ${allowed} ms after the Sentinels were back, allowed ${allowed} ms`,
      ];
      return found(1, isBack === true ? null : explanation);
    },
  },
  {
    id: "sentinel-silent",
    property: "D3",
    claim: "a Sentinel that accepts connections and stays silent keeps none from the others",
    async run(world) {
      await using sentinel = await StaleSentinel.open(world.redis.port);
      await using way = await Relay.open(sentinel.port);
      way.meetWithSilence();
      const store = await connected(world, way.port, sentinel.port);
      const isThere = await answeredAgain(store, allowed);
      const explanation = [
        `no call was answered for ${allowed} ms, allowed ${allowed} ms: the first Sentinel is silent`,
      ];
      return found(way.arrivals.length, isThere === true ? null : explanation);
    },
  },
  {
    id: "renewed-while-connecting",
    property: "D3",
    claim: "a subscription that is being made when another primary is found is made all the same",
    async run({ keep, modules, redis }) {
      await using sentinel = await StaleSentinel.open(redis.port);
      await using way = await Relay.open(sentinel.port);
      way.meetWithSilence();
      const topology = modules.topologyOf({ sentinels: [{ host: loopback, port: way.port }], name: "main" });
      const { partitions, prefix } = wire;
      let renew = () => {};
      let isConnected = false;
      const onRenewed = (listener: () => void) => {
        renew = listener;
      };
      const feed = keep(modules.createRedisFeed({ topology, prefix, partitions, silence, onRenewed }));
      feed.start({
        woken() {},
        disconnected() {},
        connected() {
          isConnected = true;
        },
      });
      const isAsked = await waitFor(() => (way.arrivals.length > 0 ? true : undefined), endsWithin);
      renew();
      way.serve();
      await waitFor(() => (isConnected ? true : undefined), { ...endsWithin, timeout: allowed });
      const explanation = [
        `not subscribed within ${allowed} ms, allowed ${allowed} ms: it was renewed while it connected`,
      ];
      return found(isAsked === true ? 1 : 0, isConnected ? null : explanation);
    },
  },
  {
    id: "feed-of-the-primary",
    property: "V4",
    claim: "a subscription is taken to no other server than a primary, whatever a Sentinel says",
    async run({ keep, modules, redis }) {
      const compare = new Comparisons();
      await using former = await ScriptedRedis.open();
      former.info = "role:slave";
      await using sentinel = await StaleSentinel.open(former.port, redis.port);
      const topology = modules.topologyOf({ sentinels: [{ host: loopback, port: sentinel.port }], name: "main" });
      const { partitions, prefix } = wire;
      const feed = keep(modules.createRedisFeed({ topology, prefix, partitions, silence: callTimeout }));
      feed.start({ woken() {}, connected() {}, disconnected() {} });
      const subscribers = () => redis.ask("PUBLISH", `${prefix}{p0}:feed`, "ab:1");
      await waitFor(async () => ((await subscribers()) === ":1" ? true : undefined), endsWithin);
      compare.same("subscribers at the primary", await subscribers(), ":1");
      compare.same(
        "subscriptions at another one",
        former.heard.filter((name) => name === "subscribe"),
        [],
      );
      return compare.found;
    },
  },
];
