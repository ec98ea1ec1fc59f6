/** Claims about the scheduler as a program embeds it: its options, its errors, its callbacks, and its end. */
import type * as Embedded from "../../../embed/scheduler.ts";
import { loopback } from "../../../lab/process/port.ts";
import { scriptCommands } from "../../../redis/acl.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout } from "../world.ts";
import { allClosed, embedded, embeddedModule, offer, outcome, reason, samples, settings, until } from "./embedded.ts";

/** How many keys do not match. */
const foreignKeys = "return redis.call('DBSIZE') - #redis.call('KEYS', ARGV[1])";

/** Refused before anything is connected. */
const refusedOptions: readonly (readonly [options: object, error: string])[] = [
  [{ name: "" }, "OptionsError"],
  [{ name: "a b" }, "OptionsError"],
  [{ name: "n".repeat(65) }, "OptionsError"],
  [{ feedMax: 0 }, "OptionsError"],
  [{ feedMax: 1_000_001 }, "OptionsError"],
  [{ feedMax: 1.5 }, "OptionsError"],
  [{ silence: 49 }, "OptionsError"],
  [{ silence: 60_001 }, "OptionsError"],
  [{ silence: Number.NaN }, "OptionsError"],
  [{ prefix: "a{b" }, "PrefixError"],
  [{ prefix: "a b" }, "PrefixError"],
  [{ prefix: "x".repeat(65) }, "PrefixError"],
  [{ logger: "loud" }, "OptionsError"],
  [{ logger: { info() {} } }, "OptionsError"],
  [{ settings: { partitions: 0 } }, "SettingsError"],
  [{ redis: "http://db" }, "AddressError"],
  [{ redis: { isCluster: false, options: {}, duplicate() {} }, tls: {} }, "OptionsError"],
];

const takenOptions: readonly object[] = [
  { name: "n".repeat(64) },
  { feedMax: 1 },
  { feedMax: 1_000_000 },
  { silence: 50 },
  { silence: 60_000 },
  { prefix: "" },
  { prefix: "x".repeat(64) },
  { logger: "silent" },
];

/** By scheduler. */
async function readiness(registry: Embedded.EmbeddedScheduler["registry"]): Promise<Readonly<Record<string, number>>> {
  const text = (await registry.getSingleMetricAsString("lockproof_ready")).matchAll(/scheduler="(\w+)"\} (\d)/gu);
  return Object.fromEntries([...text].map(([, name = "", value]) => [name, Number(value)]));
}

export const embeddedChecks: readonly ContractCheck[] = [
  {
    id: "embedded-options",
    property: "K7",
    claim: "the options of an embedded scheduler are those of its connections and keys; what is not allowed is refused",
    async run(world) {
      const compare = new Comparisons();
      const { createScheduler } = await embeddedModule(world);
      const create = (options: object) => async () => {
        const scheduler = createScheduler({
          redis: world.redis.url,
          settings,
          ...options,
        } as Embedded.SchedulerOptions);
        await scheduler.close();
      };
      for (const [options, error] of refusedOptions)
        compare.same(JSON.stringify(options), await outcome(Promise.resolve().then(create(options))), error);
      for (const options of takenOptions)
        compare.same(JSON.stringify(options), await outcome(Promise.resolve().then(create(options))), "ok");
      const scheduler = await embedded(world, {
        name: "me",
        prefix: "own:",
        feedMax: 2,
        settings: { ...settings, partitions: 2, maxCalls: 1 },
      });
      await scheduler.start();
      for (const node of ["a", "b", "c", "d", "e", "f"]) await scheduler.registerNode({ node, ...offer });
      const both = await Promise.all(["g", "h"].map((node) => scheduler.registerNode({ node, ...offer })));
      const causes = both.map((answer) => ("cause" in answer ? answer.cause : answer.kind));
      compare.same("two calls where one is allowed", causes, ["registered", "overloaded"]);
      const ask = (...command: readonly string[]) => world.redis.ask(...command);
      const names = [...(await ask("CLIENT", "LIST")).matchAll(/ name=(\S+)/gu)].map(([, name]) => name);
      compare.same("connections", names.sort(), ["lockproof-me-commands", "lockproof-me-subscriber"]);
      compare.same("keys without the prefix", await ask("EVAL", foreignKeys, "0", "own:*"), ":0");
      const feeds = ["p0", "p1", "cfg"].map((tag) => `own:{${tag}}:feed`);
      const kept = await Promise.all(feeds.slice(0, 2).map((feed) => ask("XLEN", feed)));
      compare.same("changes kept", kept, [":2", ":2"]);
      const heard = await Promise.all(feeds.map((feed) => ask("PUBLISH", feed, "none")));
      compare.same("subscribers of each channel", heard, [":1", ":1", ":1"]);
      return compare.found;
    },
  },
  {
    id: "start-refused",
    property: "K7",
    claim: "an embedded scheduler refuses to start on a Redis that it cannot use, with the reason, and is closed then",
    async run(world) {
      const compare = new Comparisons();
      const cluster = await embedded(world, { redis: { cluster: [{ host: loopback, port: world.redis.port }] } });
      compare.same("no Cluster", await outcome(cluster.start()), "TopologyError");
      const needed = [...scriptCommands, "evalsha", "subscribe"];
      await world.redis.execute("ACL", "SETUSER", "default", ...needed.map((name) => `-${name}`));
      const scheduler = await embedded(world);
      let lacking: unknown;
      const starting = scheduler.start();
      starting.catch((error: { lacking?: unknown }) => {
        ({ lacking } = error);
      });
      compare.same("rights that are lacking", await outcome(starting), "AccessError");
      compare.same(
        "which ones",
        lacking,
        needed.map((name) => `+${name}`),
      );
      const write = await scheduler.registerNode({ node: "n1", ...offer });
      compare.same("a write then", "cause" in write ? write.cause : write.kind, "closed");
      compare.same("no connection is left", await allClosed(world), true);
      compare.same("close after it", await outcome(scheduler.close()), "ok");
      return compare.found;
    },
  },
  {
    id: "signals-heard",
    property: "K6",
    claim: "an embedded scheduler closes when its signal aborts, and a start that is aborted rejects with the reason",
    async run(world) {
      const compare = new Comparisons();
      const whole = new AbortController();
      const scheduler = await embedded(world, { signal: whole.signal });
      compare.same("start", await outcome(scheduler.start()), "ok");
      whole.abort(reason);
      const write = await scheduler.registerNode({ node: "n1", ...offer });
      compare.same("a write after the abort", "cause" in write ? write.cause : write.kind, "closed");
      const before = await embedded(world, { signal: AbortSignal.abort(reason) });
      compare.same("start after an abort", await outcome(before.start()), "ClosedError");
      await world.redis.pause();
      const waiting = await embedded(world, { silence: 10 * callTimeout });
      const abort = new AbortController();
      const starting = waiting.start({ signal: abort.signal });
      abort.abort(reason);
      compare.same("a start that is aborted", await outcome(starting, callTimeout / 2), "Enough");
      const late = await embedded(world, { silence: 10 * callTimeout });
      const ended = outcome(late.start({ signal: AbortSignal.abort(reason) }), callTimeout / 2);
      compare.same("aborted before", await ended, "Enough");
      world.redis.resume();
      compare.same("no connection is left", await allClosed(world), true);
      return compare.found;
    },
  },
  {
    id: "callbacks-fail",
    property: "O1",
    claim: "an error of a callback stops nothing, is counted, and leaves the jobs to an instance that takes them over",
    async run(world) {
      const compare = new Comparisons();
      const fail = () => {
        throw reason;
      };
      const first = await embedded(world, { onEvent: fail, onOrphaned: async () => fail() });
      for (const [what, call] of [
        ["start", () => first.start()],
        ["registration", () => first.registerNode({ node: "n1", ...offer })],
        ["reserve", () => first.reserveJob("n1", "j1")],
        ["offline", () => first.offlineNode("n1")],
      ] as const)
        compare.same(what, await outcome(call()), "ok");
      const failures = () => samples(first, "lockproof_callback_failures_total");
      await until(async () => Object.keys(await failures()).length > 1);
      const counted = await failures();
      const { onOrphaned = 0, onEvent = 0 } = counted;
      compare.same(
        "failures counted",
        [Object.keys(counted).sort(), onOrphaned > 0, onEvent > 1],
        [...[["onEvent", "onOrphaned"], true, true]],
      );
      const kept = () => world.redis.ask("ZCARD", "lp:{p0}:orphans");
      const without = await embedded(world, { name: "without-a-callback" });
      await without.start();
      // Some sweeps, each of which acknowledges what was taken over.
      await new Promise((resolve) => setTimeout(resolve, 3 * settings.sweepInterval));
      compare.same("losses kept", await kept(), ":1");
      const taken: unknown[] = [];
      const second = await embedded(world, {
        name: "second",
        onOrphaned: ({ because, dispatchedHere, jobs, node }) => {
          taken.push({ because, dispatchedHere, jobs, node });
        },
      });
      await second.start();
      compare.same("acknowledged once taken over", await until(async () => (await kept()) === ":0"), true);
      compare.same("what was taken over", taken, [
        { because: "offline", dispatchedHere: [], jobs: ["j1"], node: "n1" },
      ]);
      return compare.found;
    },
  },
  {
    id: "gauges",
    property: "M1",
    claim: "the gauges of an embedded scheduler show its connections, calls and mode, and are gone once it is closed",
    async run(world) {
      const compare = new Comparisons();
      const scheduler = await embedded(world, { settings: { ...settings, ttlSpread: 0.3 } });
      const { registry } = scheduler;
      const gauges = async () => {
        const { commands = null, subscriber = null } = await samples(scheduler, "lockproof_connections");
        const ready = await samples(scheduler, "lockproof_ready");
        return { commands, subscriber, ready, mode: await samples(scheduler, "lockproof_mode") };
      };
      compare.same("before the start", await gauges(), {
        ...{ commands: 0, subscriber: 0, ready: { "": 0 } },
        mode: { normal: 0, l2_only: 0, local_only: 1 },
      });
      await scheduler.start();
      await until(() => scheduler.status().connected);
      compare.same("once it is ready", await gauges(), {
        ...{ commands: 1, subscriber: 1, ready: { "": 1 } },
        mode: { normal: 1, l2_only: 0, local_only: 0 },
      });
      compare.same("the spread of TTLs", await samples(scheduler, "lockproof_ttl_spread_ratio"), { "": 0.3 });
      const other = await embedded(world, { name: "other", registry });
      compare.same("ready, with one that has not begun", await readiness(registry), { scheduler: 1, other: 0 });
      await other.close();
      compare.same("ready, once that is closed", await readiness(registry), { scheduler: 1 });
      const again = () => embedded(world, { registry });
      compare.same("another one of its name", await outcome(again()), "OptionsError");
      await world.redis.pause();
      const calls = [1, 2, 3].map((index) => scheduler.reserveJob("n1", `j${index}`));
      // Those by which it follows are among them.
      const inFlight = async () => Object.values(await samples(scheduler, "lockproof_redis_calls_under_way"))[0] ?? 0;
      compare.same("whether all calls are in flight", (await inFlight()) >= calls.length, true);
      world.redis.resume();
      await Promise.all(calls);
      compare.same("calls in flight in the end", await until(async () => (await inFlight()) === 0), true);
      await scheduler.close();
      compare.same("once it is closed", await gauges(), { commands: null, subscriber: null, ready: {}, mode: {} });
      compare.same("another one of its name then", await outcome(again()), "ok");
      return compare.found;
    },
  },
];
