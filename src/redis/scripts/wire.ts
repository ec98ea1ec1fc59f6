/** Encodes requests as the scripts take them: keys and arguments in the order of their headers. It checks nothing: the scripts do. */
import type { ConfigContent } from "../../protocol/configuration.ts";
import type { LanguagePair } from "../../protocol/node.ts";
import type {
  Acknowledgement,
  ChangesRequest,
  Heartbeat,
  OrphansRequest,
  PageRequest,
  Registration,
  Reservation,
} from "../../protocol/requests.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import { encodeVersion } from "../version.ts";
import type { ScriptName } from "./contract.ts";
import { type Keyspace, keyspace } from "./keys.ts";

export interface ScriptCall {
  readonly script: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** The settings that all calls of one client have in common. */
export interface Wire {
  readonly prefix: string;
  readonly partitions: number;
  readonly feedMax: number;
  /** The same of the configuration's own feed; `feedMax` when absent. */
  readonly configFeedMax?: number;
  /** A clock passed in, for tests; without one the server's own is used. Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface ConfigWrite extends ConfigContent {
  readonly expected: Version | null;
}

/** The limit of one reply: docs/protocol.md. */
const mostBytes = 1_048_576;

const json = (ids: readonly string[]): string => JSON.stringify(ids);
const pairs = (list: readonly LanguagePair[]): (readonly [string, string])[] =>
  list.map(({ source, target }) => [source, target]);
const languages = (list: readonly LanguagePair[]): string => JSON.stringify(pairs(list));
const flag = (value: boolean): string => (value ? "1" : "0");

/** Six decimals at most, never an exponent; what is not a plain number stays as it is, for the script to refuse. null: not known. */
export function metricText(value: number | null): string {
  if (value === null) return "";
  const text = String(value);
  if (/^\d+(?:\.\d{1,6})?$/.test(text)) return text;
  return Number.isFinite(value) && Math.abs(value) < 1e15 ? String(Number(value.toFixed(6))) : String(value);
}

export function encoder(wire: Wire) {
  const frame = frameOf(wire);
  return { ...nodeCalls(frame), ...jobCalls(frame), ...partitionCalls(frame), ...configCalls(frame) };
}

/** The parts that all calls of one client share. */
interface Frame {
  space(partition: number | "cfg"): Keyspace;
  /** The first three arguments of every script. */
  common(): string[];
  /** The same, for the configuration. */
  ofConfig(): string[];
}

function frameOf({ prefix, now, partitions, feedMax, configFeedMax = feedMax }: Wire): Frame {
  const spaces = new Map<number | "cfg", Keyspace>();
  return {
    space(partition) {
      const found = spaces.get(partition) ?? keyspace(prefix, partition === "cfg" ? "cfg" : `p${partition}`);
      spaces.set(partition, found);
      return found;
    },
    common: () => [now ? String(now()) : "", String(partitions), String(feedMax)],
    ofConfig: () => [now ? String(now()) : "", String(partitions), String(configFeedMax)],
  };
}

function nodeCalls(frame: Frame) {
  const { common, space } = frame;
  return {
    registerNode: (request: Registration) => registerNode(frame, request),
    heartbeat(request: Heartbeat): ScriptCall {
      const at = space(request.partition);
      const { cpu, gpu, memory, load, latency_ms, error_rate } = request.metrics;
      return {
        script: "heartbeat",
        keys: [at.meta, at.feed, at.expiry, at.leases, at.node(request.node), at.jobs(request.node)],
        args: [
          ...common(),
          request.node,
          request.incarnation,
          String(request.seq),
          String(request.chunk),
          String(request.ttl),
          String(request.lease),
          String(request.health_milli),
          ...[cpu, gpu, memory, load, latency_ms, error_rate].map(metricText),
          ...request.running,
        ],
      };
    },
    offlineNode(request: { partition: number; node: string; incarnation: string; retention: Millis }): ScriptCall {
      const at = space(request.partition);
      return {
        script: "offline_node",
        keys: [at.meta, at.feed, at.expiry, at.leases, at.node(request.node), at.jobs(request.node), at.orphans],
        args: [...common(), request.node, request.incarnation, String(request.retention)],
      };
    },
  };
}

function registerNode({ common, space }: Frame, request: Registration): ScriptCall {
  const at = space(request.partition);
  return {
    script: "register_node",
    keys: [at.meta, at.feed, at.nodes, at.expiry, at.leases, at.node(request.node), at.jobs(request.node), at.orphans],
    args: [
      ...common(),
      request.node,
      request.registration,
      request.expected ?? "",
      String(request.max_jobs),
      String(request.ttl),
      json(request.pools),
      languages(request.languages),
      json(request.services),
    ],
  };
}

function jobCalls({ common, space }: Frame) {
  return {
    reserveJob(request: Reservation): ScriptCall {
      return {
        script: "reserve_job",
        keys: jobKeys(space(request.partition), request.node, "done"),
        args: [...common(), request.node, request.job, String(request.lease), String(request.seen)],
      };
    },
    completeJob(request: {
      partition: number;
      node: string;
      job: string;
      doneFor: Millis;
      doneMax: number;
    }): ScriptCall {
      return {
        script: "complete_job",
        keys: jobKeys(space(request.partition), request.node, "done"),
        args: [...common(), request.node, request.job, String(request.doneFor), String(request.doneMax)],
      };
    },
    releaseJob(request: { partition: number; node: string; job: string }): ScriptCall {
      return {
        script: "release_job",
        keys: jobKeys(space(request.partition), request.node),
        args: [...common(), request.node, request.job],
      };
    },
  };
}

function partitionCalls({ common, space }: Frame) {
  return {
    sweep(request: {
      partition: number;
      retention: Millis;
      limit: number;
      jobLimit: number;
      gap: Millis;
      grace: Millis;
      offset: number;
      candidates: readonly string[];
    }): ScriptCall {
      const at = space(request.partition);
      const { gap, grace, jobLimit, limit, offset, retention } = request;
      const declared = request.candidates.flatMap((node) => [at.node(node), at.jobs(node), at.done(node)]);
      return {
        script: "sweep",
        keys: [at.meta, at.feed, at.nodes, at.expiry, at.leases, at.orphans, ...declared],
        args: [...common(), ...[retention, limit, jobLimit, gap, grace, offset].map(String), ...request.candidates],
      };
    },
    changesSince({ limit, maxBytes = mostBytes, partition, since }: ChangesRequest<number | "cfg">): ScriptCall {
      const at = space(partition);
      return {
        script: "changes_since",
        keys: [at.meta, at.feed],
        args: [...common(), since.epoch, String(since.sequence), String(limit), String(maxBytes)],
      };
    },
    readOrphans(request: OrphansRequest): ScriptCall {
      const at = space(request.partition);
      const args = [...common(), String(request.after), String(request.limit)];
      return { script: "read_orphans", keys: [at.meta, at.feed, at.orphans], args };
    },
    ackOrphans(request: Acknowledgement): ScriptCall {
      const at = space(request.partition);
      const losses = request.losses.map(({ order, version }) => [order, encodeVersion(version)]);
      return {
        script: "ack_orphans",
        keys: [at.meta, at.feed, at.orphans],
        args: [...common(), JSON.stringify(losses)],
      };
    },
    snapshot(request: PageRequest): ScriptCall {
      const at = space(request.partition);
      return {
        script: "snapshot",
        keys: [at.meta, at.feed, at.nodes, ...request.nodes.map(at.node)],
        args: [...common(), request.after, String(request.limit), String(request.maxBytes ?? mostBytes)],
      };
    },
  };
}

function configCalls({ ofConfig, space }: Frame) {
  return {
    readConfig(): ScriptCall {
      const at = space("cfg");
      return {
        script: "snapshot",
        keys: [at.meta, at.feed, at.nodes, at.phase3],
        args: [...ofConfig(), "", "0", String(mostBytes)],
      };
    },
    putConfig(request: ConfigWrite): ScriptCall {
      const at = space("cfg");
      const content = request.pools.map((pool) => ({ ...pool, language_pairs: pairs(pool.language_pairs) }));
      return {
        script: "put_config",
        keys: [at.meta, at.feed, at.phase3],
        args: [
          ...ofConfig(),
          request.expected ? encodeVersion(request.expected) : "",
          flag(request.enabled),
          String(request.pool_count),
          String(request.hash_seed),
          flag(request.fallback_scan_all_pools),
          JSON.stringify(content),
        ],
      };
    },
  };
}

function jobKeys(at: Keyspace, node: string, done?: "done"): string[] {
  return [at.meta, at.feed, at.leases, at.node(node), at.jobs(node), ...(done ? [at.done(node)] : [])];
}
