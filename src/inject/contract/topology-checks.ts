// cspell:ignore errorstat errorstats
/** Claims about several servers: every script keeps to one slot, redirections are followed, only the primary is trusted. */

import { loopback } from "../../lab/process/port.ts";
import { waitFor } from "../../lab/process/wait.ts";
import { ownerOf, startCluster } from "../../lab/servers/cluster.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { startReplica } from "../../lab/servers/replica.ts";
import { topologyOf } from "../../redis/connection/topology.ts";
import type { RedisStore } from "../../redis/store.ts";
import { type ContractCheck, found } from "./check.ts";
import { StaleSentinel } from "./stale-sentinel.ts";
import {
  answeredAgain,
  type ContractWorld,
  callTimeout,
  endsWithin,
  inWords,
  preload,
  register,
  registered,
  reserve,
  silence,
  wire,
} from "./world.ts";

const at = ({ port }: RedisServer) => ({ host: loopback, port });

export const topologyChecks: readonly ContractCheck[] = [
  {
    id: "one-slot",
    property: "K1",
    claim: "every script keeps to one slot",
    async run(world) {
      const { primaries } = await startCluster(world.lab, { primaries: 2 });
      const store = await clusterStore(world, primaries);
      const answers = {
        register_node: await register(store),
        reserve_job: await reserve(store, "j1"),
        complete_job: await store.completeJob(
          { partition: 0, node: "n1", job: "j1", doneFor: 1_000, doneMax: 10 },
          callTimeout,
        ),
        release_job: await store.releaseJob({ partition: 0, node: "n1", job: "j1" }, callTimeout),
        snapshot: await store.snapshot({ partition: 0, nodes: ["n1"], after: "", limit: 10 }, callTimeout),
      };
      const wrong = Object.entries(answers).filter(([, { kind }]) => kind === "failed");
      const explanations = wrong.map(([script, answer]) => [
        `${script} answered ${inWords(answer)}, allowed is its own answer`,
      ]);
      return found(Object.keys(answers).length, ...explanations);
    },
  },
  {
    id: "slot-moved",
    property: "D3",
    claim: "a call for a moved slot is answered",
    async run(world) {
      const { primaries } = await startCluster(world.lab, { primaries: 2 });
      const store = await clusterStore(world, primaries);
      const slot = Number((await ask(primaries, 0, "CLUSTER", "KEYSLOT", "{p0}")).slice(1));
      const ids = await Promise.all(primaries.map(async (node) => (await node.ask("CLUSTER", "MYID")).slice(1)));
      let owner = ownerOf(slot, primaries.length);
      // Repeated, since the client may refresh its slot table just before a call.
      for (let times = 0; times < 5; times += 1) {
        await move(primaries, ids, slot, owner);
        owner = 1 - owner;
        const before = await redirections(primaries);
        const answer = await register(store);
        if ((await redirections(primaries)) === before && answer.kind !== "failed") continue;
        const explanation = [`register_node answered ${inWords(answer)} after its slot had moved, allowed registered`];
        return found(1, answer.kind === "registered" ? null : explanation);
      }
      return found(0);
    },
  },
  {
    id: "replica-behind",
    property: "N3",
    claim: "a server that a Sentinel names is used only as a primary",
    async run(world) {
      const primary = world.redis;
      await primary.execute("CONFIG", "SET", "repl-diskless-sync-delay", "0");
      const replica = await startReplica(world.lab, { of: primary.port });
      const direct = await world.direct();
      await registered(direct, "n0");
      const isCopied = async () => ((await replica.ask("EXISTS", "lp:{p0}:node:n0")) === ":1" ? true : undefined);
      await waitFor(isCopied, endsWithin);
      await replica.execute("REPLICAOF", loopback, "1"); // nothing listens there: the replica is behind from here on
      await registered(direct);
      await using sentinel = await StaleSentinel.open(replica.port, primary.port);
      const topology = topologyOf({ sentinels: [{ host: loopback, port: sentinel.port }], name: "main" });
      const store = world.keep(world.modules.createRedisStore({ topology, ...wire, silence }));
      await store.connect();
      await answeredAgain(store, callTimeout);
      const page = await store.snapshot({ partition: 0, nodes: ["n1"], after: "", limit: 0 }, callTimeout);
      await replica.kill();
      const isThere = page.kind === "page" && page.nodes[0]?.node === "n1";
      const explanation = [
        `n1 has registered and the answer is a ${inWords(page)} without it: a replica was believed, allowed only the primary`,
      ];
      return found(1, isThere ? null : explanation);
    },
  },
];

/** Loads the scripts on every node first, so that only a wrong slot can make a call fail. */
async function clusterStore({ keep, modules }: ContractWorld, primaries: readonly RedisServer[]): Promise<RedisStore> {
  for (const primary of primaries) await preload(primary, modules);
  const topology = topologyOf({ cluster: primaries.map(at) });
  const store = keep(modules.createRedisStore({ topology, ...wire, silence }));
  await store.connect();
  await answeredAgain(store, callTimeout);
  return store;
}

/** Moves an empty slot to the other one, which both say at its end. */
async function move(
  servers: readonly RedisServer[],
  ids: readonly string[],
  slot: number,
  owner: number,
): Promise<void> {
  const [from, to] = [servers[owner], servers[1 - owner]];
  const [fromId, toId] = [ids[owner] ?? "", ids[1 - owner] ?? ""];
  if (from === undefined || to === undefined) throw new RangeError("a slot moves between two");
  // Settled first: a client that renews its slot table every few seconds would do so while the nodes agree.
  await settled([from, to]);
  await from.execute("FLUSHALL");
  const set = (server: RedisServer, ...what: readonly string[]) =>
    server.execute("CLUSTER", "SETSLOT", String(slot), ...what);
  // Announced first: so the new owner takes a configuration epoch of its own, and no node disputes the slot.
  await set(to, "IMPORTING", fromId);
  await set(from, "MIGRATING", toId);
  await set(to, "NODE", toId);
  await set(from, "NODE", toId);
  const haveMoved = async () => {
    const [old, present] = await Promise.all([from.ask("GET", "{p0}"), to.ask("GET", "{p0}")]);
    return old.startsWith("-MOVED") && present === "$" ? true : undefined;
  };
  if ((await waitFor(haveMoved, endsWithin)) !== true) throw new Error(`slot ${slot} did not move`);
}

/** Waits until both know the same configuration epoch: the other one learns it with a delay, and a later move has to exceed it. */
async function settled(servers: readonly RedisServer[]): Promise<void> {
  const agree = async () => (new Set(await Promise.all(servers.map(currentEpoch))).size === 1 ? true : undefined);
  if ((await waitFor(agree, endsWithin)) !== true) throw new Error("the nodes agree on no configuration epoch");
}

async function currentEpoch(server: RedisServer): Promise<string | undefined> {
  return /cluster_current_epoch:(\d+)/u.exec(await server.ask("CLUSTER", "INFO"))?.[1];
}

/** How many redirections they have sent to clients. */
async function redirections(servers: readonly RedisServer[]): Promise<number> {
  const texts = await Promise.all(servers.map((server) => server.ask("INFO", "errorstats")));
  return texts.reduce((sum, text) => sum + Number(/errorstat_MOVED:count=(\d+)/u.exec(text)?.[1] ?? 0), 0);
}

function ask(servers: readonly RedisServer[], index: number, ...command: readonly string[]): Promise<string> {
  const server = servers[index];
  if (server === undefined) throw new RangeError(`no server ${index}`);
  return server.ask(...command);
}
