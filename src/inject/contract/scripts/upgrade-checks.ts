/** Claims about a store of layout 1 that is brought to layout 2. */
import { createConnection } from "../../../redis/connection/connection.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { type ContractWorld, callTimeout, inWords, reserve, wire } from "../world.ts";

type Client = Parameters<ContractWorld["modules"]["upgradeStore"]>[0];
const { partitions, prefix } = wire;
const meta = `${prefix}{p0}:meta`;

/** One node with a job that runs and two that are finished, as layout 1 has it; all of its times are over. */
async function writeLayout1({ redis }: ContractWorld): Promise<void> {
  const server = /master_replid:(\w+)/u.exec(await redis.ask("INFO", "replication"))?.[1] ?? "";
  const log = { layout: 1, partitions, epoch: "ab", sequence: 3, replication_id: server };
  const node = {
    ...{ status: "online", incarnation: "ab:1", version: "ab:3", registration: "token", former: "" },
    ...{ max_jobs: 5, current_jobs: 1, heartbeat_seq: 4, health_milli: 900, metrics: "{}", expires_at_ms: 1 },
    ...{ pools: '["a"]', languages: '[["de","en"]]', services: "[]" },
  };
  const fields = (hash: object) => Object.entries(hash).flat().map(String);
  const at = (key: string) => `${prefix}{p0}:${key}`;
  for (const command of [
    ["HSET", meta, ...fields(log)],
    ["HSET", at("node:n1"), ...fields(node)],
    ["ZADD", at("nodes"), "0", "n1"],
    ["ZADD", at("expiry"), "1", "n1"],
    ["ZADD", at("leases"), "1", "n1"],
    ["ZADD", at("jobs:n1"), "1", "j1"],
    ["ZADD", at("done:n1"), "1", "d1", "2", "d2"],
    ["SADD", at("pool:a"), "n1"],
    ["SADD", at("lang:de:en"), "n1"],
  ])
    await redis.ask(...command);
}

/** As `client`, but its second script is not run. */
function cutOff(client: Client): Client {
  let scripts = 0;
  const evaluated = (...parameters: Parameters<Client["eval"]>) => {
    scripts += 1;
    return scripts === 3 ? Promise.reject(new Error("cut off")) : client.eval(...parameters);
  };
  return { eval: evaluated, zrange: client.zrange.bind(client) } as unknown as Client;
}

const empty = { prefix: "empty:", partitions: 3 };
/** As `client`, and keeps which key each script is given. */
function visiting(client: Client, visited: unknown[]): Client {
  const evaluated = (...parameters: Parameters<Client["eval"]>) => {
    visited.push(parameters[2]);
    return client.eval(...parameters);
  };
  return { eval: evaluated } as unknown as Client;
}

async function outcomeOf(upgrade: Promise<number>): Promise<number | string> {
  return await upgrade.catch((error: Error) => error.name);
}

/** Nodes by part: more than two calls rewrite, and one more than one call does. */
const sizes = { p1: 121, p0: 51 } as const;
const unrecorded = "n50";
const succession = { generation: "4", past: '["aa"]' };
const log1 = { layout: "1", partitions: "2", epoch: "ab", sequence: "3", replication_id: "ab", ...succession };

/** Each node has a pool and two language pairs of its own. One is listed alone; each tenth counts more finished jobs than are remembered. */
function nodesOf(part: keyof typeof sizes): readonly { readonly id: string; readonly kept: Record<string, string> }[] {
  return Array.from({ length: sizes[part] }, (_, index) => {
    const lists = { pools: `["${index}"]`, languages: `[["de","${index}"],["en","${index}"]]` };
    const finished: object = index % 10 === 0 ? { finished: "7" } : {};
    return { id: `n${index}`, kept: { status: "online", ...lists, ...finished } };
  });
}

async function writeManyOfLayout1(client: Client): Promise<void> {
  for (const part of ["p0", "p1"] as const) {
    const at = (key: string) => `lp:{${part}}:${key}`;
    const commands = client.pipeline().hset(at("meta"), log1);
    for (const { id, kept } of nodesOf(part)) {
      commands.zadd(at("nodes"), 0, id).zadd(at(`done:${id}`), 1, "d1");
      if (id === unrecorded) continue;
      commands.hset(at(`node:${id}`), { ...kept, former: "ab:1" });
      const [pool] = JSON.parse(kept["pools"] ?? "") as [string];
      for (const set of [`pool:${pool}`, `lang:de:${pool}`, `lang:en:${pool}`]) commands.sadd(at(set), id);
    }
    await commands.exec();
  }
}

/** Compares every record and the number of all keys. */
async function compareMany(client: Client, compare: Comparisons): Promise<void> {
  for (const part of ["p1", "p0"] as const) {
    for (const { id, kept } of nodesOf(part)) {
      const allowed = id === unrecorded ? {} : { finished: "1", heartbeat_chunk: "0", ...kept };
      compare.same(`${id} of ${part}`, { ...(await client.hgetall(`lp:{${part}}:node:${id}`)) }, allowed);
    }
    const log = await client.hmget(`lp:{${part}}:meta`, "layout", "generation", "past");
    compare.same(`layout, generation and past of ${part}`, log, ["2", succession.generation, succession.past]);
    const keys = await client.keys(`lp:{${part}}:*`);
    compare.same(`keys of ${part}`, keys.length, 2 * sizes[part] - 1 + ["meta", "nodes"].length);
  }
}

const upgradedByParts: ContractCheck = {
  id: "upgraded-by-parts",
  property: "K7",
  claim:
    "an upgrade rewrites each of many nodes, 50 a call, counts them, drops all of their sets, and neither opens what another run has opened nor touches another layout",
  async run({ modules: { upgradeStore }, redis }) {
    const compare = new Comparisons();
    const tuning = { silence: callTimeout, reconnectAfter: () => 10, name: "contract" };
    const client = createConnection({ url: redis.url, ...tuning }, "commands");
    await client.connect();
    try {
      await writeManyOfLayout1(client);
      const keyCounts: unknown[] = [];
      const eachCall = (...parameters: Parameters<Client["eval"]>) => {
        keyCounts.push(parameters[1]);
        return client.eval(...parameters);
      };
      const watched = { eval: eachCall, zrange: client.zrange.bind(client) } as unknown as Client;
      compare.same("nodes", await outcomeOf(upgradeStore(watched, { partitions: 2 })), sizes.p0 + sizes.p1 - 2);
      compare.same("most keys of a call", Math.max(...keyCounts.map(Number)), 1 + 2 * 50);
      await compareMany(client, compare);

      const other = { prefix: "other:", partitions: 1 };
      await client.hset("other:{p0}:meta", { ...log1, partitions: "1", layout: "3" });
      compare.same("a layout to come", await outcomeOf(upgradeStore(client, other)), "UpgradeError");
      compare.same("its number then", await client.hget("other:{p0}:meta", "layout"), "3");

      await client.hset("other:{p0}:meta", "layout", "1");
      const overtaken = async (): Promise<readonly string[]> => {
        await upgradeStore(client, other);
        await client.hset("other:{p0}:meta", "replication_id", "of the next epoch");
        return [];
      };
      const late = { eval: client.eval.bind(client), zrange: overtaken } as unknown as Client;
      await upgradeStore(late, other);
      const server = await client.hget("other:{p0}:meta", "replication_id");
      compare.same("the server of an epoch since", server, "of the next epoch");
    } finally {
      client.disconnect();
    }
    return compare.found;
  },
};

export const upgradeChecks: readonly ContractCheck[] = [
  upgradedByParts,
  {
    id: "upgraded",
    property: "K7",
    claim:
      "a store of layout 1 is closed, brought to layout 2 with all that it holds, and opened in a new epoch that is held; new instances look at the part that is last",
    async run(world) {
      const compare = new Comparisons();
      const { upgradeStore } = world.modules;
      const ask = (...command: readonly string[]) => world.redis.ask(...command);
      await writeLayout1(world);
      const tuning = { silence: callTimeout, reconnectAfter: () => 10, name: "contract" };
      const client = createConnection({ url: world.redis.url, ...tuning }, "commands");
      await client.connect();
      try {
        const other = { prefix, partitions: partitions + 1 };
        compare.same("another number of partitions", await outcomeOf(upgradeStore(client, other)), "UpgradeError");
        compare.same("the layout then", await ask("HGET", meta, "layout"), "$1");
        compare.same("cut off", await outcomeOf(upgradeStore(cutOff(client), { prefix, partitions })), "Error");
        const visited: unknown[] = [];
        compare.same("nodes of an empty store", await outcomeOf(upgradeStore(visiting(client, visited), empty)), 0);
        compare.same("the last of its four parts", [visited.length, visited.at(-1)], [4, "empty:{p0}:meta"]);
        const meanwhile = inWords(await reserve(await world.direct(), "j2"));
        compare.same("a call then", meanwhile.split(" (")[0], "layout_mismatch, applied: no");
        compare.same("nodes", await outcomeOf(upgradeStore(client, { prefix, partitions })), 1);
        compare.same("nodes a second time", await outcomeOf(upgradeStore(client, { prefix, partitions })), 0);
        const store = await world.direct();
        const sweep = { candidates: ["n1"], retention: 60_000, limit: 10, jobLimit: 10, offset: 0 };
        const held = await store.sweep({ partition: 0, ...sweep, gap: 60_000, grace: 60_000 }, callTimeout);
        compare.same("a sweep", "due" in held ? [held.expired, held.lapsed, held.due] : inWords(held), [[], [], []]);
        const page = await store.snapshot({ partition: 0, nodes: ["n1"], after: "", limit: 0 }, callTimeout);
        const [node] = page.kind === "page" ? page.nodes : [];
        compare.same("an epoch of its own", page.kind === "page" && page.version.epoch !== "ab", true);
        const shown = node && "status" in node ? [node.status, node.current_jobs, node.finished] : node;
        compare.same("the node: status, jobs, finished", shown, ["online", 1, 2]);
        compare.same("its job", inWords(await reserve(store, "j1")), "already");
        compare.same("its finished job", inWords(await reserve(store, "d2")), "finished");
        const sets = await ask("EXISTS", `${prefix}{p0}:pool:a`, `${prefix}{p0}:lang:de:en`);
        compare.same("sets that layout 2 does not have", sets, ":0");
      } finally {
        client.disconnect();
      }
      return compare.found;
    },
  },
];
