/** One atomic, read-only look at a partition that no fault affects: the entries of its feed since the last look and, on demand, all its content. */
import type { Redis } from "ioredis";
import type { Millis, Version } from "../../check/history.ts";
import type { Dump, DumpedNode, Entry } from "../../check/observed/observation.ts";
import type { Keyspace } from "../../redis/scripts/keys.ts";
import {
  fieldsOf,
  idList,
  integer,
  languageList,
  list,
  readChange,
  readStatus,
  text,
  texts,
  unexpected,
  version,
} from "../../redis/scripts/reply.ts";
import type { OwnWork } from "../machine/own-work.ts";

/**
 * KEYS meta, feed, nodes. ARGV the epoch and sequence seen last, whether to dump in any case, and the prefixes of the keys of nodes and jobs.
 * For an epoch that was not seen yet it reads the feed from the start, and dumps. An epoch that began on another server, or before a restart of this
 * one, is past: the next call begins a new one. The keys of nodes are not declared: they are in the slot of those that are.
 */
const source = `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'replication_id')
local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local holds = meta[1] and meta[3] == server
local known = holds and meta[1] == ARGV[1]
local entries = holds and redis.call('XRANGE', KEYS[2], known and '(' .. ARGV[2] .. '-0' or '-', '+') or {}
local dumped = (ARGV[3] == '1' or not known) and '1' or '0'
local nodes = {}
if dumped == '1' then
  for position, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    nodes[position] = {id, redis.call('HGETALL', ARGV[4] .. id), redis.call('ZRANGE', ARGV[5] .. id, 0, -1)}
  end
end
return {holds and '1' or '0', meta[1] or '', meta[2] or '0', entries, dumped, nodes}
`;

export interface PartitionRead {
  /** When the reply came: its content, and what was trimmed before it, had happened by then. */
  readonly at: Millis;
  readonly entries: readonly Entry[];
  /** Sequences that the feed had before these, but no longer has: it was trimmed before it was read. null: none. */
  readonly trimmed: Trimmed | null;
  readonly dump: Dump | null;
  readonly version: Version | null;
}

export interface Trimmed {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

export interface ReadOptions {
  readonly client: Redis;
  readonly space: Keyspace;
  readonly partition: number;
  readonly since: Version;
  readonly withDump: boolean;
  /** The times of what is read are by this clock. */
  readonly now: () => Millis;
  readonly work: OwnWork;
}

/** @throws the connection's errors; ReplyError for content that the store should never hold */
export async function readPartition({
  client,
  space,
  partition,
  since,
  withDump,
  now,
  work,
}: ReadOptions): Promise<PartitionRead> {
  const keys = [space.meta, space.feed, space.nodes];
  const args = [since.epoch, String(since.sequence), withDump ? "1" : "0", space.node(""), space.jobs("")];
  // EVAL_RO also passes while writes are paused.
  const raw = await client.call("EVAL_RO", source, String(keys.length), ...keys, ...args);
  const at = now();
  return work.measure(() => parseRead(raw, { partition, at }, since));
}

function parseRead(raw: unknown, { at, partition }: Pick<Entry, "partition" | "at">, since: Version): PartitionRead {
  const [holds, epoch, sequence, entries, dumped, nodes] = list("read", raw);
  const epochId = text("epoch", epoch);
  const reached = epochId === "" ? null : { epoch: epochId, sequence: integer("sequence", sequence) };
  const isHeld = holds === "1";
  const version = isHeld ? reached : null;
  const left = isHeld || reached === null ? {} : { left: reached };
  const read = list("entries", entries).map((entry) => readEntry(entry, { partition, at, epoch: epochId }));
  return {
    at,
    version,
    entries: read,
    trimmed: version === null ? null : trimmedBefore(read, version, since),
    dump:
      dumped === "1"
        ? { kind: "dump", partition, at, version, ...left, nodes: list("nodes", nodes).map(readNode) }
        : null,
  };
}

function trimmedBefore(entries: readonly Entry[], { epoch, sequence }: Version, since: Version): Trimmed | null {
  const from = epoch === since.epoch ? since.sequence + 1 : 1;
  const to = (entries[0]?.sequence ?? sequence + 1) - 1;
  return to < from ? null : { epoch, from, to };
}

function readEntry(raw: unknown, place: Pick<Entry, "partition" | "at" | "epoch">): Entry {
  const [id, flat] = list("entry", raw);
  const sequence = integer("sequence", /^(\d+)-0$/.exec(text("id", id))?.[1]);
  return entryOf(flat, { ...place, sequence });
}

/** @param flat names and values alternately, as XRANGE returns them and XADD takes them */
export function entryOf(flat: unknown, place: Pick<Entry, "partition" | "at" | "epoch" | "sequence">): Entry {
  return { kind: "entry", ...place, change: readChange(fieldsOf("entry", flat)) };
}

export function readNode(raw: unknown): DumpedNode {
  const [id, record, jobs] = list("node", raw);
  const fields = fieldsOf("record", record);
  return {
    content: {
      node: text("id", id),
      status: readStatus(fields["status"]),
      incarnation: text("incarnation", fields["incarnation"]),
      version: version("version", fields["version"]),
      max_jobs: integer("max_jobs", fields["max_jobs"]),
      current_jobs: integer("current_jobs", fields["current_jobs"]),
      finished: integer("finished", fields["finished"]),
      health_milli: integer("health_milli", fields["health_milli"]),
      pools: idList("pools", fields["pools"]),
      languages: languageList("languages", fields["languages"]),
      services: idList("services", fields["services"]),
    },
    heartbeat_seq: integer("heartbeat_seq", fields["heartbeat_seq"]),
    metrics: readMetrics(fields["metrics"]),
    jobs: texts("jobs", jobs),
  };
}

/** null: the node has sent no heartbeat. */
function readMetrics(found: unknown): Readonly<Record<string, number>> | null {
  const json = text("metrics", found);
  if (json === "") return null;
  const metrics: unknown = JSON.parse(json);
  const isRecord = typeof metrics === "object" && metrics !== null;
  if (!isRecord || Object.values(metrics).some((one) => typeof one !== "number")) return unexpected("metrics", found);
  return metrics as Readonly<Record<string, number>>;
}
