/**
 * The log lines for the events of a scheduler. Silent by default; calls and answers are in the metrics.
 * Ids come from anywhere: they are cut, and what could forge a line or steer a terminal is escaped.
 */
import { pino } from "pino";
import type { EventPayload, SchedulerEvent } from "../scheduler/events.ts";
import { OptionsError } from "./errors.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** pino's shape; a pino logger is one. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Line = readonly [level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>];
type Lines = {
  readonly [Kind in EventPayload["kind"]]?: (event: Extract<EventPayload, { kind: Kind }>) => Line | null;
};

const levels: readonly string[] = ["debug", "info", "warn", "error"];
const maxIds = 10;

export interface Log {
  observe(event: SchedulerEvent): void;
  error(message: string, error: unknown): void;
}

/** @param logger a level: to standard output as JSON lines, from that level on; absent: silent. @throws OptionsError */
export function createLog(scheduler: string, logger?: LogLevel | "silent" | Logger): Log {
  const target = loggerOf(logger);
  const write = ([level, message, fields]: Line): void => target?.[level]({ scheduler, ...fields }, message);
  return {
    observe(event) {
      if (target === null) return;
      const describe = lines[event.kind] as ((event: SchedulerEvent) => Line | null) | undefined;
      const line = describe?.(event) ?? null;
      if (line !== null) write(line);
    },
    error: (message, error) => write(["error", message, { error: errorText(error) }]),
  };
}

function loggerOf(logger: LogLevel | "silent" | Logger | undefined): Logger | null {
  if (logger === undefined || logger === "silent") return null;
  if (typeof logger === "string") {
    if (levels.includes(logger)) return pino({ level: logger, base: null });
    throw new OptionsError("logger", JSON.stringify(logger), `${levels.join(", ")}, silent, or a logger`);
  }
  const lacking = levels.find((level) => typeof Reflect.get(Object(logger), level) !== "function");
  if (lacking === undefined) return logger;
  throw new OptionsError("logger", `an object without ${lacking}()`, "a logger with debug, info, warn and error");
}

const lines: Lines = {
  ready: () => ["info", "ready: everything is loaded"],
  loading: ({ partitions, pages, nodes }) => [
    "debug",
    "loading",
    { loaded: partitions.loaded, of: partitions.of, pages, nodes },
  ],
  config_changed: ({ enabled }) => ["info", "the configuration is another one", { enabled }],
  config_malformed: ({ reason }) => ["error", "the stored configuration is malformed", { reason: shown(reason) }],
  record_unreadable: ({ node, reason }) => [
    "error",
    "a node's record is unreadable: another program has written it",
    { node: shown(node), reason: shown(reason) },
  ],
  closed: () => ["info", "closed"],
  fault: ({ task, error }) => [
    "error",
    "fault: the scheduler has stopped",
    { task: shown(task), error: errorText(error) },
  ],
  mode_changed: ({ from, to, cause }) => [to === "normal" ? "info" : "warn", `mode ${to}`, { from, to, cause }],
  store_call: ({ operation, partition, outcome, took }) =>
    outcome === "answered" ? null : ["debug", "a call failed", { operation, partition, outcome, took_ms: took }],
  late_reply: ({ operation, partition, after }) => [
    "debug",
    "an answer came too late",
    { operation, partition, after_ms: after },
  ],
  dropped_reply: ({ operation, partition, version }) => [
    "warn",
    "an answer of an abandoned epoch",
    { operation, partition, epoch: shown(version.epoch) },
  ],
  epoch_left: ({ partition, epoch, sequence }) => [
    "warn",
    "epoch left: Redis may have lost writes",
    { partition, epoch: shown(epoch), sequence },
  ],
  epoch_adopted: ({ partition, epoch, sequence }) => [
    "info",
    "epoch taken up",
    { partition, epoch: shown(epoch), sequence },
  ],
  gap_found: ({ partition, after, to, by }) => ["debug", "gap in the feed", { partition, after, to, by }],
  resync_started: ({ partition, reason }) => ["info", "loading a partition anew", { partition, reason }],
  resynced: ({ partition, nodes, pages, took }) => [
    "info",
    "partition loaded",
    { partition, nodes, pages, took_ms: took },
  ],
  contradiction: ({ partition, node }) => [
    "error",
    "a change cannot be squared with the view: who else writes our keys?",
    { partition, node: shown(node) },
  ],
  store_behind: ({ partition, held, reported }) => [
    "warn",
    "Redis is behind what it reported before: a lagging replica?",
    { partition, held: held.sequence, reported: reported.sequence },
  ],
  jobs_orphaned: ({ node, jobs, because }) => [
    "warn",
    "jobs lost their node",
    { node: shown(node), because, ...idsOf("jobs", jobs) },
  ],
  swept: ({ partition, expired, removed, lapsed, failed }) => [
    failed.length > 0 ? "warn" : "info",
    failed.length > 0 ? "swept, but for nodes with a key that holds another type" : "swept",
    {
      ...{ partition, ...idsOf("expired", expired), ...idsOf("removed", removed), ...idsOf("lapsed", lapsed) },
      ...idsOf(
        "failed",
        failed.map(({ message }) => message),
      ),
    },
  ],
  ambiguity_resolved: ({ job, node, outcome }) => [
    "info",
    "a reserve that may have happened is settled",
    { job: shown(job), node: shown(node), outcome },
  ],
  feed_connected: () => ["info", "subscription stands"],
  feed_disconnected: ({ reason }) => ["warn", "subscription lost", { reason: shown(reason) }],
};

/** The first few, and how many there were. */
function idsOf(what: string, ids: readonly string[]): Readonly<Record<string, unknown>> {
  return ids.length === 0 ? {} : { [what]: ids.slice(0, maxIds).map((id) => shown(id)), [`${what}_count`]: ids.length };
}

function errorText(error: unknown): string {
  return shown(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 500);
}

/** Control, format, private, surrogate and unassigned characters, and the separators that end a line. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** At most `most` characters of it, on one line, with nothing in it that a terminal obeys. */
export function shown(text: string, most = 64): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
