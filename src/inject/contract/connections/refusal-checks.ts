/** Claims about calls that fail, and about a server that is fit for use at one connection and not at another. */
import type { Millis } from "../../../check/history.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { type ContractWorld, callTimeout, inWords, reserve, wire } from "../world.ts";

const patient: { readonly silence: Millis } = { silence: callTimeout };

async function storeOn({ keep, modules }: ContractWorld, url: string, more: object = {}): Promise<RedisStore> {
  const store = keep(modules.createRedisStore({ url, ...wire, ...patient, ...more }));
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
      const store = await storeOn(world, redis.url, { mostInFlight: 2 });
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
      "a server is examined at each connection: what it was at the last one, or whom it let in, says nothing of it",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      redis.said = ["reserved", "ab:1"];
      const store = await storeOn(world, redis.url);
      compare.same("at first", await settled(store), "reserved");
      redis.lacking = ["zcard"];
      redis.cut();
      await waitFor(() => (store.standing() === 0 ? true : undefined), { timeout: callTimeout, interval: 1 });
      compare.same("once a right is lacking", await settled(store), "denied");
      redis.lacking = [];
      redis.cut();
      const isAnswered = async () => ((await settled(store)) === "reserved" ? true : undefined);
      compare.same("once it is granted", await waitFor(isAnswered, { timeout: callTimeout, interval: 10 }), true);

      await using closed = await ScriptedRedis.open();
      closed.said = ["reserved", "ab:1"];
      closed.login = { error: "WRONGPASS invalid username-password pair" };
      const refused = await storeOn(world, closed.url.replace("//", "//worker:secret@"));
      compare.same("a user that is not let in", await settled(refused), "denied");
      closed.login = "OK";
      closed.cut();
      const isLetIn = async () => ((await settled(refused)) === "reserved" ? true : undefined);
      compare.same("once it is let in", await waitFor(isLetIn, { timeout: callTimeout, interval: 10 }), true);
      return compare.found;
    },
  },
];
