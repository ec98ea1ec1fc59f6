// cspell:ignore hsetnx
/**
 * Brings a store from layout 1 to layout 2. Each partition is closed first: its layout becomes 0, which no instance has, so that every call of an old
 * or a new one is refused as `layout_mismatch`, and nothing is written meanwhile. Then its nodes are rewritten, a few at a time, and it is opened in a new
 * epoch. Nodes, jobs and deadlines stay. A second run goes on where the first one ended.
 */
import type { Cluster, Redis } from "ioredis";
import { keyspace, type PartitionTag } from "./scripts/keys.ts";

export interface UpgradeOptions {
  /** Before every key, as the instances have it; `lp:` by default. */
  readonly prefix?: string;
  /** As in the settings of the instances. */
  readonly partitions: number;
}

/** The store is of another layout, or has another number of partitions: nothing was written there. */
export class UpgradeError extends Error {
  override readonly name = "UpgradeError";
}

/** Nodes that one call rewrites: it holds the server for less than 2 ms. */
const chunk = 50;

/** KEYS: meta. ARGV: partitions. Returns what may be done. */
const closeScript = `
local meta = redis.call('HMGET', KEYS[1], 'layout', 'partitions')
if not meta[1] then return 'empty' end
if meta[2] ~= ARGV[1] then return 'it has ' .. meta[2] .. ' partitions' end
if meta[1] == '2' then return 'done' end
if meta[1] ~= '1' and meta[1] ~= '0' then return 'it has layout ' .. meta[1] end
redis.call('HSET', KEYS[1], 'layout', '0')
return 'closed'`;

/** KEYS: meta, then a node and its finished jobs for each. Returns the pools and languages of each. */
const rewriteScript = `
if redis.call('HGET', KEYS[1], 'layout') ~= '0' then return redis.error_reply('the partition is not closed') end
local lists = {}
for position = 2, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[position]) == 1 then
    redis.call('HDEL', KEYS[position], 'former')
    redis.call('HSETNX', KEYS[position], 'heartbeat_chunk', '0')
    redis.call('HSETNX', KEYS[position], 'finished', redis.call('ZCARD', KEYS[position + 1]))
    lists[#lists + 1] = redis.call('HMGET', KEYS[position], 'pools', 'languages')
  end
end
return lists`;

/** KEYS: meta, then what layout 2 does not have. */
const dropScript = `
if redis.call('HGET', KEYS[1], 'layout') ~= '0' then return redis.error_reply('the partition is not closed') end
return redis.call('UNLINK', unpack(KEYS, 2))`;

/** KEYS: meta. No server has this replication id, so the next call begins an epoch, whose first sweep gives every node and lease one TTL. */
const openScript = `
if redis.call('HGET', KEYS[1], 'layout') ~= '0' then return 0 end
redis.call('HSETNX', KEYS[1], 'generation', '0')
redis.call('HSETNX', KEYS[1], 'past', '[]')
return redis.call('HSET', KEYS[1], 'layout', '2', 'replication_id', 'upgraded', 'swept_ms', '', 'held_ms', '')`;

/**
 * Brings a store of layout 1 to layout 2. Instances that run meanwhile answer from what they hold, and refuse writes. New ones start once it has
 * ended: partition 0, at which they look, is the last.
 * @param client connected; the caller closes it
 * @returns how many nodes were rewritten
 * @throws UpgradeError
 */
export async function upgradeStore(client: Redis | Cluster, options: UpgradeOptions): Promise<number> {
  const { partitions, prefix = "lp:" } = options;
  const numbers = Array.from({ length: partitions }, (_, partition) => partition).reverse();
  const tags: readonly PartitionTag[] = ["cfg", ...numbers.map((partition) => `p${partition}` as const)];
  let nodes = 0;
  for (const tag of tags) nodes += await upgradePartition(client, keyspace(prefix, tag), partitions);
  return nodes;
}

async function upgradePartition(
  client: Redis | Cluster,
  at: ReturnType<typeof keyspace>,
  partitions: number,
): Promise<number> {
  const found = await client.eval(closeScript, 1, at.meta, String(partitions));
  if (found === "empty" || found === "done") return 0;
  if (found !== "closed") throw new UpgradeError(`${at.meta} cannot be brought to layout 2: ${String(found)}`);
  const ids = await client.zrange(at.nodes, "0", "-1");
  let rewritten = 0;
  for (let from = 0; from < ids.length; from += chunk) {
    const some = ids.slice(from, from + chunk);
    const keys = [at.meta, ...some.flatMap((node) => [at.node(node), at.done(node)])];
    const lists = (await client.eval(rewriteScript, keys.length, ...keys)) as readonly (readonly string[])[];
    rewritten += lists.length;
    const sets = [...new Set(lists.flatMap(([pools, languages]) => setsOf(at.meta, pools, languages)))];
    for (let first = 0; first < sets.length; first += chunk) {
      const dropped = [at.meta, ...sets.slice(first, first + chunk)];
      await client.eval(dropScript, dropped.length, ...dropped);
    }
  }
  await client.eval(openScript, 1, at.meta);
  return rewritten;
}

/** The sets in which layout 1 kept a node: of its pools, and of its language pairs. */
function setsOf(meta: string, pools = "[]", languages = "[]"): readonly string[] {
  const base = meta.slice(0, -"meta".length);
  const pairs = JSON.parse(languages) as readonly (readonly [string, string])[];
  return [
    ...(JSON.parse(pools) as readonly string[]).map((pool) => `${base}pool:${pool}`),
    ...pairs.map(([source, target]) => `${base}lang:${source}:${target}`),
  ];
}
