/** Compares what keys hold on both sides: after a step the keys that its script declares, at intervals all keys. */
import { emptyPartition, type Log } from "../../model/partition/partition.ts";
import { emptyWorld, logOf, type Target, type World, withPartition } from "../conform/plan/world.ts";
import { type Difference, firstDifference } from "../conform/store/content.ts";
import { readContent } from "../conform/store/dump.ts";
import type { Names } from "../conform/store/epochs.ts";
import { expectedContent, prefix } from "../conform/store/expect.ts";
import { keyspace } from "../redis/scripts/keys.ts";
import { integer, list } from "../redis/scripts/reply.ts";
import type { Data } from "../simulate/servers/server-state.ts";

/** Entries of a feed that are compared after a step. A large sweep appends more; the comparison of all keys covers those. */
const tail = 16;

/** Returns the given keys with their types and contents (of a feed its last entries) and the length of the feed. */
const touchedScript = `
local content, length = {}, 0
for index = 2, #ARGV do
  local key = ARGV[index]
  local kind = redis.call('TYPE', key).ok
  local value = {}
  if kind == 'hash' then value = redis.call('HGETALL', key)
  elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'set' then value = redis.call('SMEMBERS', key)
  elseif kind == 'string' then value = { redis.call('GET', key) }
  elseif kind == 'stream' then
    length = redis.call('XLEN', key)
    local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', ARGV[1])
    for place = #last, 1, -1 do value[#value + 1] = last[place] end
  end
  if kind ~= 'none' then content[#content + 1] = { key, kind, value } end
end
return { content, length }`;

export function lookAt(keys: readonly string[]): readonly string[] {
  return ["EVAL", touchedScript, "0", String(tail), ...new Set(keys)];
}

/** @param found the reply to `lookAt` */
export function touchedDifference(
  found: unknown,
  keys: readonly string[],
  { names, target, world }: { readonly names: Names; readonly target: Target; readonly world: World },
): Difference | null {
  const [raw, length] = list("content", found);
  const { feed } = keyspace(prefix, target === "cfg" ? "cfg" : `p${target}`);
  const store = readContent(raw, names, world);
  const declared = new Set(keys);
  const model = new Map([...expectedContent(endOf(world, target))].filter(([key]) => declared.has(key)));
  const difference = firstDifference(model, store);
  if (difference !== null) return difference;
  const entries = logOf(world, target).feed.length;
  const held = integer("length of the feed", length);
  if (!declared.has(feed) || held === entries) return null;
  return { path: [feed, "entries"], model: String(entries), store: String(held) };
}

export function wholeDifference(found: unknown, world: World, names: Names): Difference | null {
  return firstDifference(expectedContent(world), readContent(found, names, world));
}

export function worldOf({ config, partitions }: Data): World {
  return { ...emptyWorld, partitions, config };
}

/** The world reduced to one log, with the last entries of its feed. */
function endOf(world: World, target: Target): World {
  const nothing: World = { ...emptyWorld, partitions: world.partitions.map(() => emptyPartition) };
  const shortened = <State extends Log>(log: State): State => ({ ...log, feed: log.feed.slice(-tail) });
  if (target === "cfg") return { ...nothing, config: shortened(world.config) };
  const partition = world.partitions[target];
  return partition === undefined ? nothing : withPartition(nothing, target, shortened(partition));
}
