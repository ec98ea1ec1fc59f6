/** Replies as the scripts give them, read into words. Whatever does not fit is a `ReplyError`, never a guess. */

import type { FeedChange, FeedEntry, KeptLoss } from "../../protocol/feed.ts";
import type { LanguagePair, NodeState, NodeStatus } from "../../protocol/node.ts";
import type {
  AcknowledgedReply,
  ChangesReply,
  FinishReply,
  HeartbeatReply,
  OfflineReply,
  OrphansReply,
  PageReply,
  RegisterReply,
  ReserveReply,
  SweepReply,
  UnreadableRecord,
} from "../../protocol/replies.ts";
import type { Succession, Version } from "../../protocol/version.ts";
import { parseVersion } from "../version.ts";
import { Shared } from "./shared.ts";

/**
 * A reply that the caller cannot use. `protocol`: it is not one of those in the script's header (another program's script, or a bug in ours).
 * `layout_mismatch`: the store was set up with another layout or number of partitions.
 */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
  readonly kind: "protocol" | "layout_mismatch";

  constructor(message: string, kind: "protocol" | "layout_mismatch" = "protocol") {
    super(message);
    this.kind = kind;
  }
}

export function unexpected(what: string, found: unknown): never {
  const shown = JSON.stringify(found)?.slice(0, 200) ?? String(found);
  throw new ReplyError(`${what}: found ${shown}`);
}

export function text(what: string, found: unknown): string {
  return typeof found === "string" ? found : unexpected(`${what} should be text`, found);
}

export function list(what: string, found: unknown): readonly unknown[] {
  return Array.isArray(found) ? found : unexpected(`${what} should be a list`, found);
}

export function texts(what: string, found: unknown): readonly string[] {
  return list(what, found).map((each) => text(what, each));
}

export function integer(what: string, found: unknown): number {
  const value = typeof found === "string" && /^-?\d{1,15}$/u.test(found) ? Number(found) : found;
  return typeof value === "number" && Number.isSafeInteger(value)
    ? value
    : unexpected(`${what} should be an integer`, found);
}

export function version(what: string, found: unknown): Version {
  return parseVersion(found) ?? unexpected(`${what} should be a version`, found);
}

export function parseJson(what: string, found: unknown): unknown {
  try {
    return JSON.parse(text(what, found));
  } catch {
    return unexpected(`${what} should be JSON`, found);
  }
}

const idLists = new Shared((found) => Object.freeze(texts("ids", parseJson("ids", found))));
const languageLists = new Shared((found) => Object.freeze(pairs("languages", parseJson("languages", found))));

export function idList(what: string, found: unknown): readonly string[] {
  return idLists.of(text(what, found));
}

/** Differs each time, so it is not shared. */
function jobList(what: string, found: unknown): readonly string[] {
  return texts(what, parseJson(what, found));
}

export function languageList(what: string, found: unknown): readonly LanguagePair[] {
  return languageLists.of(text(what, found));
}

export function pairs(what: string, found: unknown): readonly LanguagePair[] {
  return list(what, found).map((pair) => {
    const [source, target] = texts(what, pair);
    return { source: text(what, source), target: text(what, target) };
  });
}

/** The tag and the version that every reply begins with. @throws ReplyError */
export function open(
  raw: unknown,
  kinds: readonly string[],
): { kind: string; version: Version; rest: readonly unknown[] } {
  const [kind, at, ...rest] = list("reply", raw);
  if (kind === "layout_mismatch") {
    throw new ReplyError(
      `the store has layout ${String(rest[0])} with ${String(rest[1])} partitions; ` +
        "this instance was set up with another; use the stored number, or another key prefix",
      "layout_mismatch",
    );
  }
  if (typeof kind !== "string" || !kinds.includes(kind))
    return unexpected(`reply should begin with ${kinds.join(", ")}`, raw);
  return { kind, version: version("version", at), rest };
}

export function readRegister(raw: unknown): RegisterReply {
  const { kind, version: at, rest } = open(raw, ["registered", "already", "superseded", "conflict"]);
  const incarnation = text("incarnation", rest[0]);
  if (kind === "conflict") return { kind, version: at, incarnation: incarnation === "" ? null : incarnation };
  return { kind: kind as "registered" | "already" | "superseded", version: at, incarnation };
}

export function readHeartbeat(raw: unknown): HeartbeatReply {
  const opened = open(raw, ["renewed", "already", "stale", "unknown_node", "not_online", "superseded"]);
  const { kind, version: at, rest } = opened;
  if (kind === "renewed") return { kind, version: at, unknown_jobs: texts("unknown jobs", rest) };
  if (kind === "superseded") return { kind, version: at, incarnation: text("incarnation", rest[0]) };
  return { kind: kind as "already" | "stale" | "unknown_node" | "not_online", version: at };
}

export function readOffline(raw: unknown): OfflineReply {
  const { kind, version: at, rest } = open(raw, ["offline", "already", "unknown_node", "superseded"]);
  if (kind === "offline") return { kind, version: at, orphaned: texts("orphaned jobs", rest) };
  if (kind === "superseded") return { kind, version: at, incarnation: text("incarnation", rest[0]) };
  return { kind: kind as "already" | "unknown_node", version: at };
}

export function readReserve(raw: unknown): ReserveReply {
  const opened = open(raw, ["reserved", "already", "full", "not_online", "finished", "finished_unknown"]);
  const { kind, version: at, rest } = opened;
  if (kind === "finished_unknown") return { kind, version: at, finished: integer("finished", rest[0]) };
  return { kind: kind as "reserved" | "already" | "full" | "not_online" | "finished", version: at };
}

export function readFinish(raw: unknown): FinishReply {
  const { kind, version: at } = open(raw, ["completed", "unknown"]);
  return { kind: kind as FinishReply["kind"], version: at };
}

export function readSweep(raw: unknown): SweepReply {
  const { version: at, rest } = open(raw, ["swept"]);
  return {
    kind: "swept",
    version: at,
    expired: texts("expired", rest[0]),
    removed: texts("removed", rest[1]),
    lapsed: list("lapsed", rest[2]).map((entry) => {
      const [node, ...jobs] = texts("lapsed", entry);
      return { node: text("lapsed", node), jobs };
    }),
    failed: list("failed", rest[3]).map((entry) => {
      const [node, message] = list("failed", entry);
      return { node: text("failed", node), message: text("failed", message) };
    }),
    due: texts("due", rest[4]),
  };
}

export function readChanges(raw: unknown): ChangesReply {
  const { kind, version: at, rest } = open(raw, ["changes", "resync"]);
  if (kind === "resync") return { kind, version: at, succession: succession(rest) };
  return { kind: "changes", version: at, entries: list("changes", rest[0]).map(readEntry) };
}

export function succession([generation, past]: readonly unknown[]): Succession {
  return { generation: integer("generation", generation), past: texts("past epochs", past) };
}

export function readOrphans(raw: unknown): OrphansReply {
  const { version: at, rest } = open(raw, ["orphans"]);
  return { kind: "orphans", version: at, losses: list("losses", rest[0]).map(readLoss) };
}

function readLoss(raw: unknown): KeptLoss {
  const [order, member] = list("loss", raw);
  const [lostAt, node, because, jobs] = list("loss", parseJson("loss", member));
  if (because !== "registered" && because !== "offline" && because !== "expired" && because !== "lapsed")
    return unexpected("kind of loss", because);
  return {
    order: integer("order", order),
    version: version("version of a loss", lostAt),
    node: text("node", node),
    because,
    jobs: texts("jobs", jobs),
  };
}

export function readAcknowledged(raw: unknown): AcknowledgedReply {
  return { kind: "acknowledged", version: open(raw, ["acknowledged"]).version };
}

/** @param ids that were asked for, since the records do not have them */
export function readPage(raw: unknown, ids: readonly string[]): PageReply {
  const { version: at, rest } = open(raw, ["page"]);
  const records = list("records", rest[0]);
  const next = texts("next", rest[1]);
  const isShort = records.length < ids.length && (records.length === 0 || next.length > 0);
  if (isShort || records.length > ids.length) return unexpected(`${ids.length} records were asked for`, records.length);
  const unreadable: UnreadableRecord[] = [];
  const nodes = records.map((record, position) => {
    const node = ids[position] ?? "";
    try {
      return readNode(node, record);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      unreadable.push({ node, reason: error.message });
      return null;
    }
  });
  const page = { kind: "page", version: at, nodes, next, succession: succession(rest.slice(2)) } as const;
  return unreadable.length === 0 ? page : { ...page, unreadable };
}

/** Whether a record key holds another type than ours, since another program has put something else there. */
export function isOfWrongType(record: unknown): boolean {
  return Array.isArray(record) && record.length === 1 && String(record[0]) === wrongType;
}

export const wrongType = "wrong_type";

/** Reads the material content of a node. @returns null where there is none. @throws ReplyError where it is another program's */
function readNode(node: string, record: unknown): NodeState | null {
  if (isOfWrongType(record)) throw new ReplyError(`the key of node ${node} holds another type: found ${wrongType}`);
  const fields = fieldsOf("record", record);
  if (Object.keys(fields).length === 0) return null;
  return {
    node,
    status: readStatus(fields["status"]),
    incarnation: text("incarnation", fields["incarnation"]),
    version: version("version", fields["version"]),
    max_jobs: integer("max_jobs", fields["max_jobs"]),
    current_jobs: integer("current_jobs", fields["current_jobs"]),
    finished: integer("finished", fields["finished"]),
    health_milli: integer("health_milli", fields["health_milli"]),
    services: idList("services", fields["services"]),
    pools: idList("pools", fields["pools"]),
    languages: languageList("languages", fields["languages"]),
  };
}

export function readStatus(found: unknown): NodeStatus {
  return found === "online" || found === "offline" || found === "expired" ? found : unexpected("status", found);
}

export type Fields = Readonly<Record<string, string>>;

export function fieldsOf(what: string, raw: unknown): Fields {
  const flat = texts(what, raw);
  if (flat.length % 2 !== 0) return unexpected(`${what} should be fields and values`, raw);
  const fields: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) fields[flat[at] ?? ""] = flat[at + 1] ?? "";
  return fields;
}

function readEntry(raw: unknown): FeedEntry {
  const [sequence, ...flat] = list("entry", raw);
  return { sequence: integer("sequence", sequence), change: readChange(fieldsOf("entry", flat)) };
}

/** One change of a node. The configuration's have a reader of their own. */
export function readChange(fields: Fields): FeedChange {
  const { kind } = fields;
  const node = text("node", fields["node"]);
  switch (kind) {
    case "registered":
      return {
        kind,
        node,
        incarnation: text("incarnation", fields["incarnation"]),
        finished: integer("finished", fields["finished"]),
        max_jobs: integer("max_jobs", fields["max_jobs"]),
        pools: idList("pools", fields["pools"]),
        languages: languageList("languages", fields["languages"]),
        services: idList("services", fields["services"]),
        health_milli: integer("health_milli", fields["health_milli"]),
        orphaned: jobList("orphaned", fields["orphaned"]),
      };
    case "health":
      return { kind, node, health_milli: integer("health_milli", fields["health_milli"]) };
    case "offline":
    case "expired":
      return { kind, node, orphaned: jobList("orphaned", fields["orphaned"]) };
    case "reserved":
      return {
        kind,
        node,
        job: text("job", fields["job"]),
        current_jobs: integer("current_jobs", fields["current_jobs"]),
        lease_until_ms: integer("lease_until_ms", fields["lease_until_ms"]),
      };
    case "completed":
    case "released": {
      const freed = {
        node,
        job: text("job", fields["job"]),
        current_jobs: integer("current_jobs", fields["current_jobs"]),
      };
      return kind === "released"
        ? { kind, ...freed }
        : { kind, ...freed, finished: integer("finished", fields["finished"]) };
    }
    case "lapsed":
      return {
        kind,
        node,
        jobs: jobList("jobs", fields["jobs"]),
        current_jobs: integer("current_jobs", fields["current_jobs"]),
      };
    case "removed":
      return { kind, node };
    default:
      return unexpected("kind of change", fields);
  }
}
