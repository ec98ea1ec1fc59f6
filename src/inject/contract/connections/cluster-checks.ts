/** Claims about a Cluster: which of its nodes are connected to, and what becomes of a call that none of them runs. */
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { Address } from "../../../redis/connection/topology.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { type ContractCheck, quickest } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { embedded, until } from "../embedded/embedded.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { answeredAgain, type ContractWorld, callTimeout, endsWithin, inWords, reserve, wire } from "../world.ts";

/** {p0} is in slot 15882, {p1} in 11819. */
const slotOfFirst = 15_882;
/** A busy machine delays not all of five attempts so long; the own pause of the library is 100 ms. */
const atOnce = 95;

const patient = { silence: callTimeout };
const at = ({ port }: { readonly port: number }): Address => ({ host: loopback, port });

async function connected(
  { keep, modules }: ContractWorld,
  nodes: readonly { readonly port: number }[],
  partitions = 1,
): Promise<RedisStore> {
  const topology = modules.topologyOf({ cluster: nodes.map(at) });
  const store = keep(modules.createRedisStore({ topology, ...wire, ...patient, partitions }));
  await store.connect();
  await answeredAgain(store, callTimeout);
  return store;
}

/** Nothing listens on it. */
const nowhere: Address = { host: loopback, port: 1 };

/** Each says of itself and of the others from which slot to which they own. */
function deal(...shares: readonly (readonly [node: ScriptedRedis, first: number, last: number])[]): void {
  const slots = shares.map(([node, first, last]) => node.owning(first, last));
  for (const [node] of shares) Object.assign(node, { slots, info: "cluster_enabled:1" });
}

export const clusterChecks: readonly ContractCheck[] = [
  {
    id: "slot-migrates",
    property: "L1",
    claim: "a call that a migrating slot refuses is soon made again, and fails as not applied where no node runs it",
    async run(world) {
      const compare = new Comparisons();
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const store = await connected(world, [node]);
      node.said = ["reserved", "ab:1"];
      const tryAgain = { error: "TRYAGAIN Multiple keys request during rehashing of slot" };
      node.first.push(tryAgain, tryAgain);
      compare.same("refused twice", inWords(await reserve(store, "j1", callTimeout / 2)), "reserved");
      compare.same("refusals that were not given", node.first.length, 0);
      const pause = await quickest(5, async () => {
        node.first.push(tryAgain);
        const startedAt = performance.now();
        await reserve(store, "j1");
        return performance.now() - startedAt;
      });
      compare.same(`a pause of ${pause} ms is from 4 to ${atOnce} ms`, pause >= 4 && pause <= atOnce, true);
      const where = `1 ${loopback}:${node.port}`;
      for (const error of [`MOVED ${where}`, `ASK ${where}`, tryAgain.error]) {
        node.said = { error };
        const answer = inWords(await reserve(store, "j2")).split(" (")[0];
        compare.same(`without end: ${error}`, answer, "moved, applied: no");
      }
      return compare.found;
    },
  },
  {
    id: "redirected-at-once",
    property: "D3",
    claim: "a redirection is followed without a pause, and a Cluster that is down is a failure at once",
    async run(world) {
      const compare = new Comparisons();
      await using first = await ScriptedRedis.open();
      await using second = await ScriptedRedis.open();
      deal([first, 12_000, 16_383], [second, 0, 11_999]);
      const store = await connected(world, [first, second]);
      for (const node of [first, second]) node.said = ["reserved", "ab:1"];
      const to = (kind: string, { port }: ScriptedRedis) => `${kind} ${slotOfFirst} ${loopback}:${port}`;
      const down = "CLUSTERDOWN The cluster is down";
      // Whichever is asked leads to the other one, and that one back.
      const cases = [
        ["MOVED", [to("MOVED", second), to("MOVED", first)], "reserved"],
        ["ASK", [to("ASK", second), to("ASK", first)], "reserved"],
        ["CLUSTERDOWN", [down, down], "moved, applied: no"],
      ] as const;
      for (const [what, errors, allowed] of cases) {
        let answer = "";
        const took = await quickest(5, async () => {
          for (const [index, node] of [first, second].entries())
            node.first.splice(0, Number.POSITIVE_INFINITY, { error: errors[index] ?? "" });
          const startedAt = performance.now();
          answer = inWords(await reserve(store, "j1")).split(" (")[0] ?? "";
          return performance.now() - startedAt;
        });
        compare.same(`${what}: answer`, answer, allowed);
        compare.same(`${what}: ${Math.round(took)} ms are at most ${atOnce} ms`, took <= atOnce, true);
      }
      return compare.found;
    },
  },
  {
    id: "slots-slow-to-come",
    property: "D3",
    claim: "a node of a Cluster that does not say at once which slots it has is waited for",
    async run({ keep, modules }) {
      const compare = new Comparisons();
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      node.heldBack = "cluster";
      const topology = modules.topologyOf({ cluster: [at(node)] });
      const store = keep(modules.createRedisStore({ topology, ...wire, ...patient }));
      let hasEnded = false;
      const connecting = store.connect().finally(() => {
        hasEnded = true;
      });
      compare.same("asked for its slots", await until(() => node.held > 0), true);
      // Longer than an impatient client waits, and far from the silence.
      await new Promise((resolve) => setTimeout(resolve, 100));
      compare.same("given up before it has answered", hasEnded, false);
      node.release();
      await connecting;
      node.said = ["reserved", "ab:1"];
      compare.same("connected", await until(async () => (await reserve(store, "j1")).kind === "reserved"), true);
      return compare.found;
    },
  },
  {
    id: "sent-once-in-a-cluster",
    property: "J3",
    claim:
      "a call whose connection to a node of a Cluster breaks is not sent again: it is in doubt; nor is one that is refused as READONLY",
    async run(world) {
      const compare = new Comparisons();
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const store = await connected(world, [node]);
      const sent = () => node.heard.filter((name) => name === "evalsha").length;
      node.silentTo = "evalsha";
      const before = sent();
      const call = reserve(store, "j1");
      compare.same("sent", await until(() => sent() > before), true);
      node.silentTo = null;
      node.asked.length = 0;
      node.said = ["reserved", "ab:1"];
      node.cut();
      compare.same("its answer", inWords(await call).split(" (")[0], "disconnected, applied: unknown");
      const isBack = await until(async () => (await reserve(store, "j2")).kind === "reserved");
      compare.same("a later call", isBack, true);
      compare.same("sent again", node.asked.filter((parts) => parts.includes("j1")).length, 0);
      node.said = { error: "READONLY You can't write against a read only replica." };
      compare.same("refused", inWords(await reserve(store, "j3")).split(" (")[0], "readonly, applied: no");
      node.said = ["changes", "ab:1", []];
      await answeredAgain(store, callTimeout);
      compare.same("a refused one, sent", node.asked.filter((parts) => parts.includes("j3")).length, 1);
      return compare.found;
    },
  },
  {
    id: "nodes-connected",
    property: "M1",
    claim: "each node of a Cluster is connected before a call needs it, counted, and named to the feed",
    async run(world) {
      const compare = new Comparisons();
      await using first = await ScriptedRedis.open();
      await using second = await ScriptedRedis.open();
      deal([first, 12_000, 16_383], [second, 0, 11_999]);
      const store = await connected(world, [first], 2);
      await waitFor(() => (store.standing() === 2 ? true : undefined), endsWithin);
      compare.same("nodes that are connected", store.standing(), 2);
      const ports = store.nodes().map(({ port }) => port);
      compare.same("nodes that are known", ports.sort(), [first.port, second.port].sort());
      second.said = ["reserved", "ab:1"];
      second.asked.length = 0;
      const request = { partition: 1, node: "n1", job: "j1", lease: 60_000, seen: 0 };
      compare.same("the first call to it", inWords(await store.reserveJob(request, callTimeout)), "reserved");
      compare.same("what it was asked", second.asked.length, 1);
      await using third = await ScriptedRedis.open();
      deal([first, 12_000, 16_383], [second, 6_000, 11_999], [third, 0, 5_999]);
      // A client that is redirected asks for the slots anew.
      first.first.push({ error: `MOVED ${slotOfFirst} ${loopback}:${second.port}` });
      await reserve(store, "j2");
      await waitFor(() => (store.standing() === 3 ? true : undefined), endsWithin);
      compare.same("nodes that are connected, with one that came later", store.standing(), 3);
      return compare.found;
    },
  },
  {
    id: "feed-in-a-cluster",
    property: "V4",
    claim: "a subscription finds a node that runs, among those that are known now and those that were declared",
    async run(world) {
      const { keep, modules, redis } = world;
      const compare = new Comparisons();
      const { partitions, prefix } = wire;
      for (const [declared, known] of [
        [[nowhere, at(redis)], []],
        [[nowhere, nowhere, at(redis)], []],
        [[nowhere], [nowhere, at(redis)]],
      ] as const) {
        const topology = modules.topologyOf({ cluster: declared });
        let isConnected = false;
        const feed = keep(modules.createRedisFeed({ topology, prefix, partitions, ...patient, nodes: () => known }));
        feed.start({
          woken() {},
          disconnected() {},
          connected() {
            isConnected = true;
          },
        });
        await waitFor(() => (isConnected ? true : undefined), endsWithin);
        compare.same(`declared ${declared.length}, known ${known.length}: subscribed`, isConnected, true);
      }
      const first = await ScriptedRedis.open();
      await using second = await ScriptedRedis.open();
      deal([first, 0, 8_191], [second, 8_192, 16_383]);
      const scheduler = await embedded(world, { redis: { cluster: [at(first)] } });
      scheduler.start().catch(() => {});
      const subscribed = (nodes: readonly ScriptedRedis[]) => () =>
        nodes.some(({ heard }) => heard.includes("subscribe"));
      await until(subscribed([first, second]));
      await first[Symbol.asyncDispose]();
      compare.same("embedded: subscribed at a node that was not declared", await until(subscribed([second])), true);
      return compare.found;
    },
  },
];
