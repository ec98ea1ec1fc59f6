// cspell:ignore lrange
/** The store's whole content, read in one atomic step and put into the shape that `expect.ts` gives the model's. */
import { compareBytes } from "../../../model/partition/order.ts";
import type { Log } from "../../../model/partition/partition.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { fieldsOf, list, text, texts } from "../../redis/scripts/reply.ts";
import type { Target, World } from "../plan/world.ts";
import type { Content, Json } from "./content.ts";
import type { Names } from "./epochs.ts";
import { prefix } from "./expect.ts";

/**
 * Every key under the prefix (ARGV[1]), with its type and all that it holds; and, where a channel (ARGV[2]) is given, a mark (ARGV[3]) on it, behind all
 * that was published before, and the server's time in the answer. Reads keys that it does not declare: a test's tool, not a script of ours.
 */
export const dumpScript = `
if ARGV[2] then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
local content = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  local kind = redis.call('TYPE', key).ok
  local value
  if kind == 'hash' then value = redis.call('HGETALL', key)
  elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'set' then value = redis.call('SMEMBERS', key)
  elseif kind == 'stream' then value = redis.call('XRANGE', key, '-', '+')
  elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'string' then value = { redis.call('GET', key) }
  else value = {} end
  content[#content + 1] = { key, kind, value }
end
if not ARGV[2] then return content end
local time = redis.call('TIME')
return { content, time[1] * 1000 + math.floor(time[2] / 1000) }`;

/** @param world what the model holds by now: an epoch or a server that is new on both sides is the same one */
export function readContent(raw: unknown, names: Names, world: World): Content {
  const entries = list("content", raw).map((entry) => {
    const [key, kind, value] = list("entry of the content", entry);
    return { key: text("key", key), kind: text("type", kind), value: list("value", value) };
  });
  const content = new Map<string, Json>();
  for (const entry of entries.filter(isMeta)) content.set(entry.key, readMeta(entry, names, world));
  for (const entry of entries.filter((each) => !isMeta(each))) content.set(entry.key, readValue(entry, names));
  return content;
}

/** Checks the type too: a value that another program put there instead is of another type. */
function isMeta({ key, kind }: Entry): boolean {
  return key.endsWith(":meta") && kind === "hash";
}

interface Entry {
  readonly key: string;
  readonly kind: string;
  readonly value: readonly unknown[];
}

function targetOfKey(key: string): Target {
  const [, index] = /^\{p(\d+)\}:/u.exec(key.slice(prefix.length)) ?? [];
  return index === undefined ? "cfg" : Number(index);
}

function readMeta({ key, value }: Entry, names: Names, world: World): Json {
  const target = targetOfKey(key);
  const log: Log | undefined = target === "cfg" ? world.config : world.partitions[target];
  const meta = log?.meta;
  const { epoch, past = "", replication_id, ...rest } = fieldsOf("meta", value);
  const number = epoch && names.bind(target, epoch, meta?.epoch ?? 0);
  const server = replication_id && names.bind("server", replication_id, meta?.server ?? 0);
  return withoutUndefined({
    ...rest,
    past: pastOf(parsed(past), names, target),
    epoch: typeof number === "number" ? `e${number}` : epoch,
    replication_id: typeof server === "number" ? `server ${server}` : replication_id,
  });
}

function pastOf(past: Json, names: Names, target: Target): Json {
  return Array.isArray(past) ? past.map((epoch) => names.epochName(target, String(epoch))) : past;
}

function readValue({ key, kind, value }: Entry, names: Names): Json {
  const target = targetOfKey(key);
  switch (kind) {
    case "hash":
      return readFields(fieldsOf("hash", value), names, target);
    case "zset":
      return key.endsWith("}:orphans")
        ? lossesOf(texts("losses", value), names, target)
        : pairsOf(texts("sorted set", value));
    case "set":
      return [...texts("set", value)].sort(compareBytes);
    case "stream":
      return value.map((entry) => {
        const [id, fields] = list("stream entry", entry);
        return [text("id", id), readFields(fieldsOf("stream entry", fields), names, target)];
      });
    default:
      return { type: kind, value: texts(kind, value) };
  }
}

const versions: ReadonlySet<string> = new Set(["version", "incarnation"]);
const documents: ReadonlySet<string> = new Set(["metrics", "services", "languages", "pools", "orphaned", "jobs"]);

export function readFields(fields: Readonly<Record<string, string>>, names: Names, target: Target): Json {
  const read: Record<string, Json> = {};
  // In order of names: Redis gives the fields of a larger hash in an order of its own, another one in each process.
  for (const [field, value] of Object.entries(fields).sort(([a], [b]) => compareBytes(a, b))) {
    if (versions.has(field)) read[field] = names.versionName(target, value);
    else if (documents.has(field)) read[field] = parsed(value);
    else read[field] = value;
  }
  return read;
}

/** Text that is not JSON stays text, and shows as a difference where JSON is expected. */
function parsed(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** Each with its order: members of `orphans` and their scores by turns. */
function lossesOf(flat: readonly string[], names: Names, target: Target): Json {
  const losses: Json[] = [];
  for (let at = 0; at < flat.length; at += 2)
    losses.push([readLoss(flat[at] ?? "", names, target), flat[at + 1] ?? ""]);
  return losses;
}

/** A member of `orphans`, with its version by name; what is no such member stays as it is. */
export function readLoss(member: string, names: Names, target: Target): Json {
  const loss = parsed(member);
  if (!Array.isArray(loss) || typeof loss[0] !== "string") return loss;
  return [names.versionName(target, loss[0]), ...(loss.slice(1) as Json[])];
}

function pairsOf(flat: readonly string[]): Json {
  const pairs: Json[] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return pairs;
}
