/** Converts between the values of the model and those of the ports. */
import type {
  Command,
  ConfigCommand,
  ConfigContent,
  ConfigReply,
  FeedEntry,
  NodeRecord,
  Reply,
  Succession,
  Version,
} from "../../../model/partition/command.ts";
import type { ConfigPartition } from "../../../model/partition/rules/config.ts";
import type { ConfigContent as PortConfigContent, StoredConfig } from "../../protocol/configuration.ts";
import type { FeedEntry as PortFeedEntry } from "../../protocol/feed.ts";
import type { NodeState } from "../../protocol/node.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Succession as PortSuccession, Version as PortVersion } from "../../protocol/version.ts";
import { epochNumber, epochText, incarnationText } from "./epoch-text.ts";
import { shared } from "./shared-lists.ts";

export function toPort({ epoch, sequence }: Version): PortVersion {
  return { epoch: epochText(epoch), sequence };
}

export function toModel({ epoch, sequence }: PortVersion): Version {
  return { epoch: epochNumber(epoch), sequence };
}

export function fromText(text: string): Version {
  const end = text.indexOf(":");
  return { epoch: epochNumber(text.slice(0, end)), sequence: Number(text.slice(end + 1)) };
}

export function toNodeState(node: string, record: NodeRecord): NodeState {
  const { status, services, languages, pools } = record;
  return {
    node,
    status,
    services: shared(services),
    languages: shared(languages),
    pools: shared(pools),
    incarnation: incarnationText(record.incarnation),
    version: toPort(record.version),
    max_jobs: record.maxJobs,
    current_jobs: record.currentJobs,
    finished: record.finished,
    health_milli: record.healthMilli,
  };
}

/** Those that are known, by name; null: the node has sent no heartbeat. */
export function knownMetrics({ metrics }: Pick<NodeRecord, "metrics">): Readonly<Record<string, number>> | null {
  if (metrics === null) return null;
  const known: Record<string, number> = {};
  for (const name of Object.keys(metrics) as (keyof typeof metrics)[]) {
    const metric = metrics[name];
    if (metric !== null) known[name] = metric;
  }
  return known;
}

export function toFeedEntry({ sequence, change }: FeedEntry): PortFeedEntry {
  switch (change.kind) {
    case "registered": {
      const { kind, node, pools, languages, services, orphaned } = change;
      const numbers = { finished: change.finished, max_jobs: change.maxJobs, health_milli: change.healthMilli };
      const incarnation = incarnationText(change.incarnation);
      const lists = { pools: shared(pools), languages: shared(languages), services: shared(services) };
      return { sequence, change: { kind, node, incarnation, ...lists, orphaned, ...numbers } };
    }
    case "health":
      return { sequence, change: { kind: change.kind, node: change.node, health_milli: change.healthMilli } };
    case "reserved": {
      const { kind, node, job } = change;
      const numbers = { current_jobs: change.currentJobs, lease_until_ms: change.leaseUntil };
      return { sequence, change: { kind, node, job, ...numbers } };
    }
    case "completed": {
      const { kind, node, job, finished } = change;
      return { sequence, change: { kind, node, job, current_jobs: change.currentJobs, finished } };
    }
    case "released": {
      const { kind, node, job } = change;
      return { sequence, change: { kind, node, job, current_jobs: change.currentJobs } };
    }
    case "lapsed": {
      const { kind, node, jobs } = change;
      return { sequence, change: { kind, node, jobs, current_jobs: change.currentJobs } };
    }
    case "config":
      throw new Error("no configuration in a partition of nodes");
    default:
      return { sequence, change };
  }
}

function successionOf({ generation, past }: Succession): PortSuccession {
  return { generation, past: past.map(epochText) };
}

/** The error of a server for a key that holds another type than a command needs. */
export const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";

/** Converts a reply to the form of the port; `command` names the nodes of a page. */
export function toReply(reply: Reply, command: Command): unknown {
  switch (reply.kind) {
    case "invalid":
      return failure("invalid", reply.argument);
    case "layout_mismatch":
      return failure("layout_mismatch", `${reply.partitions} partitions`);
    case "registered":
    case "superseded":
      return { ...reply, version: toPort(reply.version), incarnation: incarnationText(reply.incarnation) };
    case "conflict": {
      const { incarnation, kind, version } = reply;
      return { kind, version: toPort(version), incarnation: incarnation && incarnationText(incarnation) };
    }
    case "already": {
      const version = toPort(reply.version);
      return reply.incarnation === undefined
        ? { kind: reply.kind, version }
        : { kind: reply.kind, version, incarnation: incarnationText(reply.incarnation) };
    }
    case "renewed":
      return { kind: reply.kind, version: toPort(reply.version), unknown_jobs: reply.unknownJobs };
    case "changes":
      return { kind: reply.kind, version: toPort(reply.version), entries: reply.entries.map(toFeedEntry) };
    case "orphans": {
      const losses = reply.losses.map((loss) => ({ ...loss, version: toPort(loss.version) }));
      return { kind: reply.kind, version: toPort(reply.version), losses };
    }
    case "page": {
      const asked = command.kind === "snapshot" ? command.records : [];
      const nodes = reply.records.map((record, index) =>
        record === null || record === "wrong_type" ? null : toNodeState(asked[index] ?? "", record),
      );
      return {
        kind: reply.kind,
        version: toPort(reply.version),
        nodes,
        next: reply.next,
        succession: successionOf(reply),
      };
    }
    case "resync":
      return { kind: reply.kind, version: toPort(reply.version), succession: successionOf(reply) };
    case "swept": {
      const failed = reply.failed.map(({ key, node }) => ({ node, message: `${key}: ${wrongType}` }));
      return { ...reply, version: toPort(reply.version), failed };
    }
    default:
      return { ...reply, version: toPort(reply.version) };
  }
}

export function toModelContent(content: PortConfigContent): ConfigContent {
  const { enabled, pools, pool_count, hash_seed, fallback_scan_all_pools } = content;
  const numbers = { poolCount: pool_count, hashSeed: hash_seed };
  return { enabled, pools, fallbackScanAllPools: fallback_scan_all_pools, ...numbers };
}

function toPortContent(content: ConfigContent): PortConfigContent {
  const { enabled, pools, poolCount, hashSeed, fallbackScanAllPools } = content;
  const numbers = { pool_count: poolCount, hash_seed: hashSeed };
  return { enabled, pools, fallback_scan_all_pools: fallbackScanAllPools, ...numbers };
}

export function toStoredConfig(stored: ConfigPartition["config"]): StoredConfig | null {
  return stored && { version: toPort(stored.version), ...toPortContent(stored.content) };
}

export function toConfigReply(reply: ConfigReply, command: ConfigCommand): unknown {
  if (reply.kind === "invalid") return failure("invalid", reply.argument);
  if (reply.kind === "layout_mismatch") return failure("layout_mismatch", `${reply.partitions} partitions`);
  const version = toPort(reply.version);
  switch (reply.kind) {
    case "stored":
    case "already":
    case "conflict":
      return { kind: reply.kind, version, config: reply.config && toPort(reply.config) };
    case "config": {
      const { config } = reply;
      const succession = successionOf(reply);
      if (config === "wrong_type") return { kind: "malformed", version, reason: config, succession };
      return { kind: "config", version, config: toStoredConfig(config), succession };
    }
    case "resync":
      return { kind: "changed", version };
    case "changes": {
      const isSame = command.kind === "changes_since" && command.since.sequence === reply.version.sequence;
      return { kind: isSame ? "unchanged" : "changed", version };
    }
  }
}

export function failure(cause: Failure["cause"], message: string, applied: "no" | "unknown" = "no"): Failure {
  return { kind: "failed", applied, cause, after: 0, message };
}

/** One text for one state, whatever the order of its fields. */
export function textOf(state: NodeState): string {
  return JSON.stringify(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
}
