/** The content that the keys of the store must have according to the model. */

import { expiryOf } from "../../../model/partition/checks/indexes.ts";
import type { Change, ConfigContent, KeptLoss, LanguagePair, NodeRecord } from "../../../model/partition/command.ts";
import { compareBytes } from "../../../model/partition/order.ts";
import type { Log, Partition } from "../../../model/partition/partition.ts";
import type { KeyName, Meta } from "../../../model/partition/state.ts";
import { type Keyspace, keyspace } from "../../redis/scripts/keys.ts";
import { unreadableId } from "../plan/meddling.ts";
import type { BrokenMeta, Target, World } from "../plan/world.ts";
import { wrongContent } from "../plan/wrong-types.ts";
import type { Content, Json } from "./content.ts";
import { modelVersionName } from "./epochs.ts";

export const prefix = "lp:";
const configSpace = keyspace(prefix, "cfg");

export function expectedContent(world: World): Content {
  const content = new Map<string, Json>();
  for (const [index, partition] of world.partitions.entries()) {
    const at = keyspace(prefix, `p${index}`);
    partitionContent(content, at, partition);
    const torn = world.torn.get(index);
    if (torn !== undefined) tornContent(content, at, partition, torn);
    const nodes = content.get(at.nodes);
    if (world.foreign.has(index)) content.set(at.nodes, withForeignId(nodes));
  }
  logContent(content, configSpace, world.config);
  const { config } = world.config;
  if (config) {
    const version = modelVersionName(config.version);
    content.set(configSpace.phase3, { version, ...configJson(config.content) });
  }
  for (const [target, wrong] of world.wrong)
    for (const [key, type] of wrong) content.set(keyOf(target, key), wrongContent(type));
  return content;
}

/** The key's full name. */
export function keyOf(target: Target, key: KeyName): string {
  return `${prefix}{${target === "cfg" ? target : `p${target}`}}:${key}`;
}

function logContent(content: Map<string, Json>, at: Keyspace, { meta, feed }: Log): void {
  if (!meta) return;
  content.set(at.meta, metaJson(meta));
  if (feed.length > 0) content.set(at.feed, feedJson(feed));
}

/** The feed is still there: an epoch that begins deletes it. */
function tornContent(content: Map<string, Json>, at: Keyspace, { feed }: Log, { field, meta, text }: BrokenMeta): void {
  const { [field]: _, ...rest } = metaJson(meta);
  content.set(at.meta, text === null ? rest : { ...rest, [field]: text });
  if (feed.length > 0) content.set(at.feed, feedJson(feed));
}

function withForeignId(nodes: Json | undefined): Json {
  const all = [...(Array.isArray(nodes) ? (nodes as readonly Json[]) : []), [unreadableId.read, "0"]];
  return all.sort((a, b) => compareBytes(String((a as readonly Json[])[0]), String((b as readonly Json[])[0])));
}

function metaJson(meta: Meta): { readonly [field: string]: Json } {
  return {
    epoch: `e${meta.epoch}`,
    sequence: String(meta.sequence),
    replication_id: `server ${meta.server}`,
    layout: String(meta.layout),
    partitions: String(meta.partitions),
    generation: String(meta.generation),
    past: meta.past.map((epoch) => `e${epoch}`),
    swept_ms: String(meta.swept?.at ?? ""),
    held_ms: String(meta.swept?.heldUntil ?? ""),
  };
}

function feedJson(feed: Log["feed"]): Json {
  return feed.map(({ sequence, change }) => [`${sequence}-0`, changeJson(change)]);
}

function partitionContent(content: Map<string, Json>, at: Keyspace, partition: Partition): void {
  logContent(content, at, partition);
  if (partition.orphans.length > 0)
    content.set(
      at.orphans,
      partition.orphans.map((loss) => [lossJson(loss), String(loss.order)]),
    );
  const expiresAt = expiryOf(partition);
  const nodes = [...expiresAt.keys()].sort(compareBytes);
  if (nodes.length === 0) return;
  content.set(
    at.nodes,
    nodes.map((node) => [node, "0"]),
  );
  const leases: [string, number][] = [];
  for (const node of nodes) {
    const record = partition.nodes.get(node);
    if (record) content.set(at.node(node), recordJson(record));
    const jobs = byDeadline(partition.jobs.get(node) ?? new Map());
    if (jobs[0]) {
      content.set(at.jobs(node), scored(jobs));
      leases.push([node, jobs[0][1]]);
    }
    const done = byDeadline(partition.done.get(node) ?? new Map());
    if (done.length > 0) content.set(at.done(node), scored(done));
  }
  content.set(at.expiry, scored(byDeadline(expiresAt)));
  if (leases.length > 0) content.set(at.leases, scored(byDeadline(new Map(leases))));
}

/** The member that is kept. */
export function lossJson({ because, jobs, node, version }: KeptLoss): Json {
  return [modelVersionName(version), node, because, jobs];
}

const scored = (entries: readonly (readonly [string, number])[]): Json =>
  entries.map(([id, score]) => [id, String(score)]);
const pairs = (languages: readonly LanguagePair[]): Json => languages.map(({ source, target }) => [source, target]);

/** The order of a sorted set: by score, then by the bytes of the member. */
function byDeadline(scores: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...scores].sort(([a, left], [b, right]) => left - right || compareBytes(a, b));
}

export function recordJson(record: NodeRecord): Json {
  return {
    status: record.status,
    incarnation: modelVersionName(record.incarnation),
    version: modelVersionName(record.version),
    registration: record.registration,
    heartbeat_seq: String(record.heartbeatSeq),
    heartbeat_chunk: String(record.heartbeatChunk),
    max_jobs: String(record.maxJobs),
    current_jobs: String(record.currentJobs),
    finished: String(record.finished),
    metrics: record.metrics ? knownOf(record.metrics) : "",
    health_milli: String(record.healthMilli),
    services: record.services,
    languages: pairs(record.languages),
    pools: record.pools,
    expires_at_ms: String(record.expiresAt),
  };
}

/** Without the metrics that are not known. */
function knownOf(metrics: NonNullable<NodeRecord["metrics"]>): Json {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== null)) as Json;
}

/** Fields as the feed holds them: text, lists apart. */
export function changeJson(change: Change): Json {
  switch (change.kind) {
    case "registered":
      return {
        kind: change.kind,
        node: change.node,
        incarnation: modelVersionName(change.incarnation),
        finished: String(change.finished),
        max_jobs: String(change.maxJobs),
        pools: change.pools,
        languages: pairs(change.languages),
        services: change.services,
        health_milli: String(change.healthMilli),
        orphaned: change.orphaned,
      };
    case "health":
      return { kind: change.kind, node: change.node, health_milli: String(change.healthMilli) };
    case "offline":
    case "expired":
      return { kind: change.kind, node: change.node, orphaned: change.orphaned };
    case "reserved": {
      const { kind, node, job, currentJobs, leaseUntil } = change;
      return { kind, node, job, current_jobs: String(currentJobs), lease_until_ms: String(leaseUntil) };
    }
    case "completed": {
      const { kind, node, job, currentJobs, finished } = change;
      return { kind, node, job, current_jobs: String(currentJobs), finished: String(finished) };
    }
    case "released": {
      const { kind, node, job, currentJobs } = change;
      return { kind, node, job, current_jobs: String(currentJobs) };
    }
    case "lapsed":
      return { kind: change.kind, node: change.node, jobs: change.jobs, current_jobs: String(change.currentJobs) };
    case "removed":
      return { kind: change.kind, node: change.node };
    case "config":
      return { kind: change.kind, version: modelVersionName(change.version), ...configJson(change.content) };
  }
}

export function configJson(content: ConfigContent): { readonly [key: string]: Json } {
  return {
    enabled: content.enabled ? "1" : "0",
    pool_count: String(content.poolCount),
    hash_seed: String(content.hashSeed),
    fallback_scan_all_pools: content.fallbackScanAllPools ? "1" : "0",
    pools: content.pools.map(({ id, name, required_services, language_pairs }) => ({
      id,
      name,
      required_services,
      language_pairs: pairs(language_pairs),
    })),
  };
}
