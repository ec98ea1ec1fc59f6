/** Claims about a primary that is demoted and keeps its connections, behind an address that leads to another one by then. */
import type { Millis } from "../../../check/history.ts";
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import { startReplica } from "../../../lab/servers/replica.ts";
import { topologyOf } from "../../../redis/connection/topology.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { type ContractCheck, found, tolerance } from "../check.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { callTimeout, endsWithin, inWords, registered, reserve, silence, wire } from "../world.ts";

/** The longest pause between two looks for another primary. */
const pause: Millis = 2_000;

/** Nothing listens there: a server that follows it takes no writes, and hears of none. */
const nowhere = [loopback, "1"] as const;

export const formerPrimaryChecks: readonly ContractCheck[] = [
  {
    id: "demoted-and-connected",
    property: "D3",
    claim: "writes and wake-ups go on at the new primary, though the demoted one keeps its connections",
    async run(world) {
      const { redis, relay } = world;
      await redis.execute("CONFIG", "SET", "repl-diskless-sync-delay", "0");
      const other = await startReplica(world.lab, { of: redis.port });
      const store = await world.store();
      let connected = 0;
      let woken = 0;
      world.feedOf(store, {
        connected: () => {
          connected += 1;
        },
        woken: () => {
          woken += 1;
        },
      });
      await registered(store);
      await waitFor(() => (connected === 1 ? true : undefined), endsWithin);
      await redis.execute("REPLICAOF", ...nowhere);
      await other.execute("REPLICAOF", "NO", "ONE");
      relay.retarget(other.port);
      const allowed = 1.5 * pause + tolerance;
      const isBack = await writesAgain(store, allowed);
      const again = await waitFor(() => (connected > 1 ? true : undefined), { timeout: tolerance, interval: 5 });
      const before = woken;
      await reserve(store, "one more");
      const isWoken = await waitFor(() => (woken > before ? true : undefined), { timeout: tolerance, interval: 5 });
      return found(
        1,
        isBack
          ? null
          : [`no write succeeded for ${allowed} ms after another primary had taken over, allowed ${allowed} ms`],
        !isBack || (again === true && isWoken === true)
          ? null
          : [`the subscription stayed with the demoted primary, and a change woke none, allowed one wake-up a change`],
      );
    },
  },
  {
    id: "demoted-and-alone",
    property: "D3",
    claim: "while no other primary is there, connections are tried ever more rarely, and reads go on",
    async run(world) {
      const { redis, relay } = world;
      // A busy machine is not to make connections silent: reads have to go on.
      const store = await world.store({ silence: callTimeout });
      await registered(store);
      await redis.execute("REPLICAOF", ...nowhere);
      const before = relay.arrivals.length;
      const lasts: Millis = 3_000;
      const [writes, reads] = await Promise.all([refusals(store, lasts), failedReads(store, lasts)]);
      const tried = relay.arrivals.length - before;
      const most = 10;
      return found(
        writes.count,
        writes.other === null ? null : [`a write ended with ${writes.other}, allowed is readonly`],
        reads === null ? null : [`a read failed with ${reads} while no other primary was there, allowed none`],
        tried >= 2 && tried <= most
          ? null
          : [`${tried} connections were made in ${lasts} ms of refused writes, allowed 2 to ${most}`],
      );
    },
  },
  {
    id: "demoted-in-a-cluster",
    property: "D3",
    claim: "the connection to a node of a Cluster that takes no writes is made anew, ever more rarely",
    async run(world) {
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const topology = topologyOf({ cluster: [{ host: loopback, port: node.port }] });
      const store = world.keep(world.modules.createRedisStore({ topology, ...wire, silence }));
      await store.connect();
      const before = node.connections;
      node.said = { error: "READONLY You can't write against a read only replica." };
      const lasts: Millis = 2_000;
      const until = performance.now() + lasts;
      for (let index = 0; performance.now() < until; index += 1) {
        await reserve(store, `j${index}`, 200);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const made = node.connections - before;
      node.said = ["reserved", "ab:1"];
      const isBack = await writesAgain(store, pause);
      const most = 30;
      return found(
        1,
        made >= 1 && made <= most ? null : [`${made} connections were made in ${lasts} ms, allowed 1 to ${most}`],
        isBack ? null : ["no write succeeded when the node took writes again, allowed is the first one"],
      );
    },
  },
];

/** Writes until one is done. */
async function writesAgain(store: RedisStore, timeout: Millis): Promise<boolean> {
  let index = 0;
  const write = async () => {
    index += 1;
    return (await reserve(store, `j${index}`, 200)).kind === "reserved" ? true : undefined;
  };
  return (await waitFor(write, { timeout, interval: 5 })) === true;
}

async function refusals(store: RedisStore, lasts: Millis): Promise<{ count: number; other: string | null }> {
  const until = performance.now() + lasts;
  let count = 0;
  while (performance.now() < until) {
    const answer = await reserve(store, `k${count}`, 500);
    count += 1;
    if (answer.kind !== "failed" || answer.cause !== "readonly") return { count, other: inWords(answer) };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { count, other: null };
}

async function failedReads(store: RedisStore, lasts: Millis): Promise<string | null> {
  const until = performance.now() + lasts;
  while (performance.now() < until) {
    const read = await store.snapshot({ partition: 0, nodes: ["n1"], after: "", limit: 0 }, 500);
    if (read.kind === "failed") return inWords(read);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return null;
}
