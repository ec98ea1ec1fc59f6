/** Claims about how an embedded scheduler reaches its servers: as whom, by which addresses, and whether encrypted. */
import { createServer } from "node:net";
import { loopback } from "../../../lab/process/port.ts";
import { close, listen, portOf } from "../../network/loopback.ts";
import { type ContractCheck, tolerance } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { answeredAgain, callTimeout, inWords, reserve, silence, wire } from "../world.ts";
import { embedded, offer, outcome, until } from "./embedded.ts";

/** The first byte of a TLS connection. */
const handshake = 22;
/** ms, as documented. */
const usualSilence = 1_000;
/** So many connections are made before both of a scheduler have been tried. */
const manyTries = 8;

export const reachChecks: readonly ContractCheck[] = [
  {
    id: "logged-in",
    property: "K7",
    claim: "each connection of an embedded scheduler logs in as the user that it was given",
    async run(world) {
      const compare = new Comparisons();
      await world.redis.execute("ACL", "SETUSER", "worker", "on", ">secret", "~*", "&*", "+@all");
      const url = world.redis.url.replace("//", "//worker:secret@");
      const scheduler = await embedded(world, { redis: url });
      compare.same("start", await outcome(scheduler.start()), "ok");
      await until(() => scheduler.status().connected);
      const users = (await world.redis.ask("CLIENT", "LIST"))
        .split("\n")
        .filter((line) => line.includes("name=lockproof-"))
        .map((line) => /\buser=(\S+)/u.exec(line)?.[1]);
      compare.same("one server: users", users, ["worker", "worker"]);
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const cluster = [{ host: loopback, port: node.port }];
      const ofCluster = await embedded(world, { redis: { cluster, username: "worker", password: "secret" } });
      ofCluster.start().catch(() => {});
      await until(() => node.logins.length >= 3 && node.connections === node.logins.length);
      compare.same("a Cluster: logins", [...new Set(node.logins.map((login) => login.join(" ")))], ["worker secret"]);
      compare.same("a Cluster: connections without a login", node.connections - node.logins.length, 0);
      return compare.found;
    },
  },
  {
    id: "rights-suffice",
    property: "K7",
    claim: "with the documented rights alone, under any prefix, an embedded scheduler does all that it does",
    async run(world) {
      const compare = new Comparisons();
      // As a pattern it would not match itself.
      const prefix = "a[b]*?:";
      const rights = world.modules.leastPrivilege(prefix);
      await world.redis.execute("ACL", "SETUSER", "worker", ...rights, ">secret");
      await world.redis.ask("ACL", "LOG", "RESET");
      const scheduler = await embedded(world, {
        ...{ redis: world.redis.url.replace("//", "//worker:secret@"), prefix },
        onOrphaned() {},
      });
      compare.same("start", await outcome(scheduler.start()), "ok");
      await until(() => scheduler.status().connected);
      const { kind } = await scheduler.registerNode({ node: "n1", ...offer });
      const calls = [
        await scheduler.reserveJob("n1", "j1"),
        await scheduler.completeJob("n1", "j1"),
        await scheduler.reserveJob("n1", "j2"),
        await scheduler.offlineNode("n1"),
      ].map((answer) => answer.kind);
      compare.same("calls", [kind, ...calls], ["registered", "reserved", "completed", "reserved", "offline"]);
      const kept = () => world.redis.ask("ZCARD", `${prefix}{p0}:orphans`);
      compare.same("losses acknowledged", await until(async () => (await kept()) === ":0"), true);
      compare.same("commands that were denied", await world.redis.ask("ACL", "LOG"), "*0");
      return compare.found;
    },
  },
  {
    id: "silence-as-given",
    property: "D3",
    claim: "a connection of an embedded scheduler with calls in flight is kept for the silence that was given",
    async run(world) {
      const compare = new Comparisons();
      const scheduler = await embedded(world, { silence: 20 * callTimeout });
      await scheduler.start();
      await until(() => scheduler.status().connected);
      const connections = async () => {
        const clients = await world.redis.ask("CLIENT", "LIST");
        return [...clients.matchAll(/id=(\d+) .* name=lockproof-/gu)].map(([, id]) => id);
      };
      const before = await connections();
      await world.redis.pause();
      const write = scheduler.registerNode({ node: "n1", ...offer });
      // More than the usual silence.
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      world.redis.resume();
      await write;
      compare.same("connections", before.length, 2);
      compare.same("connections afterwards", await connections(), before);
      return compare.found;
    },
  },
  {
    id: "usual-options",
    property: "K7",
    claim: "without options an embedded scheduler has the documented name, prefix, length of the feed, and silence",
    async run(world) {
      const { redis, relay } = world;
      const compare = new Comparisons();
      await using scripted = await ScriptedRedis.open();
      const asking = await embedded(world, { redis: scripted.url });
      asking.start().catch(() => {});
      await until(() => scripted.asked.length > 0);
      const [, , count, meta, ...rest] = scripted.asked[0] ?? [];
      compare.same("a key, the length of the feed", [meta, rest[Number(count) + 1]], ["lp:{p0}:meta", "100000"]);
      const scheduler = await embedded(world, { redis: relay.url });
      await scheduler.start();
      await until(() => scheduler.status().connected);
      const names = [...(await redis.ask("CLIENT", "LIST")).matchAll(/ name=(lockproof-\S+)/gu)].map(
        ([, name]) => name,
      );
      compare.same("connections", names.sort(), ["lockproof-scheduler-commands", "lockproof-scheduler-subscriber"]);
      const before = relay.arrivals.length;
      const startedAt = performance.now();
      await redis.pause();
      void scheduler.registerNode({ node: "n1", ...offer });
      await until(() => relay.arrivals.length > before);
      const took = performance.now() - startedAt;
      redis.resume();
      const isUsual = took >= usualSilence - 50 && took <= usualSilence + tolerance;
      compare.same(`a silent connection was given up after ${Math.round(took)} ms, about a second`, isUsual, true);
      return compare.found;
    },
  },
  {
    id: "addresses-translated",
    property: "K7",
    claim: "the address that a node of a Cluster is announced by is translated as natMap says",
    async run({ keep, modules }) {
      const compare = new Comparisons();
      await using node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      // Nothing listens there.
      node.slots = [[0, 16_383, [loopback, 1, "0".repeat(40)]]];
      const here = { host: loopback, port: node.port };
      const topology = modules.topologyOf({ cluster: [here], natMap: { [`${loopback}:1`]: here } });
      const store = keep(modules.createRedisStore({ topology, ...wire, silence }));
      await store.connect();
      await answeredAgain(store, callTimeout);
      compare.same("nodes that are known", store.nodes(), [here]);
      node.said = ["reserved", "ab:1"];
      compare.same("a call", inWords(await reserve(store, "j1", callTimeout)), "reserved");
      return compare.found;
    },
  },
  {
    id: "encrypted",
    property: "K7",
    claim: "with tls, or an address of TLS, every connection of an embedded scheduler begins with its handshake",
    async run(world) {
      const compare = new Comparisons();
      const begun: (number | undefined)[] = [];
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", (chunk: Buffer) => {
          begun.push(chunk[0]);
          socket.destroy();
        });
      });
      await listen(server);
      const port = portOf(server);
      const at = { host: loopback, port };
      for (const [redis, tls] of [
        [`redis://${loopback}:${port}`, {}],
        [`rediss://${loopback}:${port}`, undefined],
        [{ cluster: [at] }, {}],
      ] as const) {
        begun.length = 0;
        const scheduler = await embedded(world, { redis, ...(tls === undefined ? {} : { tls }), silence: 200 });
        scheduler.start().catch(() => {});
        await until(() => begun.length >= manyTries);
        await scheduler.close();
        compare.same(`${JSON.stringify(redis)}: first bytes`, [...new Set(begun)], [handshake]);
      }
      begun.length = 0;
      const topology = world.modules.topologyOf({ cluster: [at] }, {});
      const { partitions, prefix } = wire;
      const feed = world.keep(world.modules.createRedisFeed({ topology, prefix, partitions, silence }));
      feed.start({ woken() {}, connected() {}, disconnected() {} });
      await until(() => begun.length > 0);
      await feed.close();
      compare.same("the subscription of a Cluster: first bytes", [...new Set(begun)], [handshake]);
      await close(server, () => {});
      return compare.found;
    },
  },
];
