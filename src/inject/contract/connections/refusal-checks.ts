/** Claims about calls that fail, and about a server that is fit for use at one connection and not at another. */
import type { Millis } from "../../../check/history.ts";
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { type ContractWorld, callTimeout, inWords, reserve, wire } from "../world.ts";

const patient: { readonly silence: Millis } = { silence: callTimeout };

async function storeOn({ keep, modules }: ContractWorld, place: object): Promise<RedisStore> {
  const store = keep(modules.createRedisStore({ ...wire, ...patient, ...place } as never));
  await store.connect();
  return store;
}

/** The outcome of a call, once there is a connection to make it on. */
async function settled(store: RedisStore): Promise<string> {
  let answer = "";
  const look = async (): Promise<true | undefined> => {
    const { kind, ...rest } = await reserve(store, "j1");
    answer = "cause" in rest ? String(rest.cause) : kind;
    return answer === "disconnected" ? undefined : true;
  };
  await waitFor(look, { timeout: 2 * callTimeout, interval: 10 });
  return answer;
}

export const refusalChecks: readonly ContractCheck[] = [
  {
    id: "failed-calls-end",
    property: "K5",
    claim: "a call that failed is no longer in flight",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, { url: redis.url, mostInFlight: 2 });
      redis.said = { error: "BUSY Redis is busy running a script." };
      for (let index = 0; index < 5; index += 1)
        compare.same(`call ${index}`, inWords(await reserve(store, `j${index}`)).split(",")[0], "busy");
      redis.said = ["reserved", "ab:1"];
      compare.same("a call after them", inWords(await reserve(store, "j9")), "reserved");
      return compare.found;
    },
  },
  {
    id: "examined-again",
    property: "K7",
    claim:
      "a server, and each node of a Cluster, is examined at each connection, before any call: what it was at the last one says nothing",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.said = ["reserved", "ab:1"];
      const store = await storeOn(world, { url: redis.url });
      compare.same("at first", await settled(store), "reserved");
      const standing = (count: number) => () => (store.standing() === count ? true : undefined);
      const lost = async () => {
        redis.cut();
        await waitFor(standing(0), { timeout: callTimeout, interval: 1 });
      };
      redis.silentTo = "eval";
      await lost();
      await waitFor(standing(1), { timeout: callTimeout, interval: 1 });
      compare.same(
        "while it is examined",
        inWords(await reserve(store, "j1")).split(" (")[0],
        "disconnected, applied: no",
      );
      redis.silentTo = null;
      redis.lacking = ["zcard"];
      await lost();
      compare.same("once a right is lacking", await settled(store), "denied");
      redis.lacking = [];
      redis.cut();
      const isAnswered = async () => ((await settled(store)) === "reserved" ? true : undefined);
      compare.same("once it is granted", await waitFor(isAnswered, { timeout: callTimeout, interval: 10 }), true);
      await using first = await ScriptedRedis.open();
      await using second = await ScriptedRedis.open();
      const nodes = [first, second];
      const slots = [first.owning(0, 8_191), second.owning(8_192, 16_383)];
      for (const node of nodes) {
        for (const one of nodes)
          Object.assign(one, { slots, info: "cluster_enabled:1", lacking: one === node ? ["zcard"] : [] });
        const topology = world.modules.topologyOf({ cluster: nodes.map(({ port }) => ({ host: loopback, port })) });
        const ofBoth = await settled(await storeOn(world, { topology }));
        compare.same(`one of two nodes of a Cluster lacks a right: ${nodes.indexOf(node)}`, ofBoth, "denied");
      }
      return compare.found;
    },
  },
  {
    id: "not-let-in",
    property: "K7",
    claim: "a user that is not let in is refused, by one server or by a node of a Cluster, until it is let in",
    async run(world) {
      const compare = new Comparisons();
      const credentials = { username: "worker", password: "secret" };
      for (const kind of ["single", "cluster"] as const) {
        await using closed = await ScriptedRedis.open();
        closed.said = ["reserved", "ab:1"];
        closed.info = `cluster_enabled:${kind === "single" ? 0 : 1}`;
        closed.login = { error: "WRONGPASS invalid username-password pair" };
        const node = { host: loopback, port: closed.port };
        const place =
          kind === "single"
            ? { url: closed.url.replace("//", "//worker:secret@") }
            : { topology: world.modules.topologyOf({ cluster: [node], ...credentials }) };
        const refused = await storeOn(world, place);
        compare.same(`${kind}: a user that is not let in`, await settled(refused), "denied");
        closed.login = "OK";
        closed.cut();
        const isLetIn = async () => ((await settled(refused)) === "reserved" ? true : undefined);
        const then = await waitFor(isLetIn, { timeout: callTimeout, interval: 10 });
        compare.same(`${kind}: once it is let in`, then, true);
      }
      return compare.found;
    },
  },
  {
    id: "not-sent",
    property: "D6",
    claim: "a call that cannot be sent any more, though its connection seems to stand, has not happened",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.said = ["reserved", "ab:1"];
      const store = await storeOn(world, { url: redis.url });
      compare.same("at first", await settled(store), "reserved");
      const asked = redis.asked.length;
      // Its end is reported in a later step.
      if ("stream" in store.client) store.client.stream.destroy();
      const answer = inWords(await reserve(store, "j2")).split(" (")[0];
      compare.same("a call", answer, "disconnected, applied: no");
      await waitFor(() => (redis.standing === 0 ? true : undefined), { timeout: callTimeout, interval: 1 });
      compare.same("what the server was asked", redis.asked.length - asked, 0);
      return compare.found;
    },
  },
];
