/** Claims about how groups end: each call by its own timeout, with its own report, and none of them twice or unnoticed. */
import type { Millis } from "../../../check/history.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { answeredAgain, callTimeout, endsWithin, registered, wire } from "../world.ts";
import { at, callsOf, outcomes, storeOn } from "./group-calls.ts";
import { ScriptedRedis } from "./scripted-redis.ts";

const patient = { silence: callTimeout };
const pause = (duration: Millis) => new Promise<void>((resolve) => setTimeout(resolve, duration));
const refusal = "NOPERM no such right for a group";

/** Collects what is rejected and handled by no one, of errors with that message alone: any other ends the process as before. */
function unhandled(message: string): Disposable & { readonly found: readonly unknown[] } {
  const found: unknown[] = [];
  const listener = (reason: unknown): void => {
    if (!(reason instanceof Error) || reason.message !== message) throw reason;
    found.push(message);
  };
  process.on("unhandledRejection", listener);
  return { found, [Symbol.dispose]: () => void process.off("unhandledRejection", listener) };
}

/** A job for each of the timeouts, in one turn. */
function takes(store: RedisStore, timeouts: readonly Millis[]): readonly ReturnType<RedisStore["reserveJob"]>[] {
  return timeouts.map((timeout, index) =>
    store.reserveJob({ partition: 0, node: "n1", job: `j${index}`, lease: 60_000, seen: 0 }, timeout),
  );
}

export const groupEndingChecks: readonly ContractCheck[] = [
  {
    id: "group-sent-once",
    property: "J3",
    claim: "a group whose connection breaks is not sent again: each of its calls is in doubt",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      const { complete, reserve } = callsOf(store);
      const sent = () => redis.heard.filter((name) => name === "evalsha").length;
      redis.silentTo = "evalsha";
      const before = sent();
      const calls = Promise.all([reserve(), complete()]);
      const isSent = await waitFor(() => (sent() > before ? true : undefined), endsWithin);
      redis.silentTo = null;
      redis.asked.length = 0;
      redis.cut();
      const doubt = ["disconnected", "unknown"];
      compare.same("sent", isSent, true);
      compare.same("the answers", outcomes(await calls), [doubt, doubt]);
      compare.same("back", await answeredAgain(store, callTimeout), true);
      await pause(300); // a client that sends again may wait first
      const changing = redis.asked.filter((asked) => asked.join(" ").includes("reserve_job"));
      compare.same("groups after the connection broke", changing.length, 0);
      return compare.found;
    },
  },
  {
    id: "group-forgotten",
    property: "D3",
    claim: "a server that has forgotten the script of groups is sent it, with the group, once",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      const { complete, reserve } = callsOf(store);
      redis.asked.length = 0;
      redis.knows = false;
      redis.first.push([
        "grouped",
        "ab:2",
        [
          ["reserved", "ab:1"],
          ["completed", "ab:2"],
        ],
      ]);
      const answers = outcomes(await Promise.all([reserve(), complete()]));
      compare.same("the answers", answers, [
        ["reserved", at(1)],
        ["completed", at(2)],
      ]);
      compare.same(
        "the commands",
        redis.asked.map(([name]) => name?.toLowerCase()),
        ["evalsha", "eval"],
      );
      return compare.found;
    },
  },
  {
    id: "group-timeouts",
    property: "K3",
    claim: "each call of a group ends by its own timeout, and those that still wait get their answers",
    async run(world) {
      const compare = new Comparisons();
      await registered(await world.direct());
      const store = world.keep(world.modules.createRedisStore({ url: world.relay.url, ...wire, ...patient }));
      await store.connect();
      await world.redis.pause();
      const calls = takes(store, [callTimeout, 40, callTimeout]);
      const first = await Promise.race([calls[1], pause(callTimeout / 2)]);
      compare.same("the call of 40 ms", first === undefined ? [] : outcomes([first]), [["deadline", "unknown"]]);
      world.redis.resume();
      const kinds = outcomes(await Promise.all(calls.toSpliced(1, 1))).map(([kind]) => kind);
      compare.same("the others", kinds, ["reserved", "reserved"]);
      return compare.found;
    },
  },
  {
    id: "group-while-closing",
    property: "K6",
    claim:
      "a store that is closed in the turn of a group sends it, and waits for each of its answers, each by its timeout",
    async run(world) {
      const compare = new Comparisons();
      await registered(await world.direct());
      const store = world.keep(world.modules.createRedisStore({ url: world.relay.url, ...wire, ...patient }));
      await store.connect();
      await world.redis.pause();
      const calls = takes(store, [40, callTimeout, callTimeout]);
      const closing = store.close().then(() => null);
      await calls[0];
      await pause(40);
      world.redis.resume();
      await closing;
      // An answer that its caller has by now comes first.
      const answers = await Promise.all(calls.map((call) => Promise.race([call, closing])));
      const kinds = answers.map((answer) => (answer ? outcomes([answer])[0]?.[0] : "none"));
      compare.same("the answers, once it is closed", kinds, ["deadline", "reserved", "reserved"]);
      return compare.found;
    },
  },
  {
    id: "group-reported",
    property: "M1",
    claim: "each call of a group is reported by its own script with its own outcome, and no error is left unhandled",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const calls: (readonly string[])[] = [];
      const store = await storeOn(world, redis, { onCall: ({ outcome, script }) => calls.push([script, outcome]) });
      const { beat, complete, release, reserve } = callsOf(store);
      const all = async () => outcomes(await Promise.all([beat(), reserve(), complete(), release()]));
      const wrong = (script: string) => ({ error: `LPARG ${script} node: found x, allowed y` });
      redis.first.push([
        "grouped",
        "ab:1",
        [wrong("heartbeat"), { error: "WRONGTYPE of another" }, ["completed", "ab:1"], wrong("release_job")],
      ]);
      compare.same("the answers", await all(), [
        ["invalid", "no"],
        ["wrong_type", "no"],
        ["completed", at(1)],
        ["invalid", "no"],
      ]);
      using lost = unhandled(refusal);
      redis.first.push({ error: refusal });
      const denied = ["denied", "no"];
      compare.same("a group that is refused", await all(), [denied, denied, denied, denied]);
      await pause(0); // what is not handled is known after its turn
      compare.same("unhandled errors", lost.found, []);
      const scripts = ["heartbeat", "reserve_job", "complete_job", "release_job"];
      const reported = ["invalid", "wrong_type", "answered", "invalid", ...scripts.map(() => "denied")];
      compare.same(
        "the reports",
        calls,
        reported.map((outcome, index) => [scripts[index % scripts.length], outcome]),
      );
      return compare.found;
    },
  },
];
