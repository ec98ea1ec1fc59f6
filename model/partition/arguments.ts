/** The arguments that the protocol allows (docs/protocol.md, sections 1, 3 and 4). A refused call reads nothing and changes nothing. */
import type { Call, Command, ConfigCommand, LanguagePair, Metrics, PoolConfig } from "./command.ts";
import { utf8Length } from "./order.ts";

const digits15 = 999_999_999_999_999;
const dayMs = 86_400_000;
const mostBytes = 1_048_576;
/** Jobs that one chunk of a heartbeat names, and chunks of one heartbeat: together as many as a node can run. */
const runningMax = 500;
const chunksMax = 200;

/** The first argument, in the protocol's order, with a value that is not allowed; null: all are allowed. A list is wrong if one element is. */
export function firstWrongArgument(command: Command | ConfigCommand): string | null {
  return firstWrongCallArgument(command) ?? wrongOfOwn(command);
}

/** One argument, by the protocol's name; null: its value is allowed. */
function wrong(argument: string, isAllowed: boolean): string | null {
  return isAllowed ? null : argument;
}

/** As firstWrongArgument, of the arguments that all calls have. */
export function firstWrongCallArgument(call: Call): string | null {
  return (
    wrong("now_ms", isWithin(call.at, 0, digits15)) ??
    wrong("partitions", isWithin(call.partitions, 1, 4096)) ??
    wrong("feed_max", isWithin(call.feedMax, 1, 1_000_000))
  );
}

function wrongOfOwn(command: Command | ConfigCommand): string | null {
  switch (command.kind) {
    case "register_node":
      return (
        wrong("node", isId(command.node)) ??
        wrong("registration", isToken(command.registration)) ??
        wrong("max_jobs", isWithin(command.maxJobs, 0, 100_000)) ??
        wrong("ttl_ms", isWithin(command.ttl, 1, dayMs)) ??
        wrong("pools", areIds(command.pools)) ??
        wrong("languages", areLanguages(command.languages)) ??
        wrong("services", areIds(command.services))
      );
    case "heartbeat":
      return (
        wrong("node", isId(command.node)) ??
        wrong("seq", isWithin(command.seq, 0, digits15)) ??
        wrong("chunk", isWithin(command.chunk, 0, chunksMax - 1)) ??
        wrong("ttl_ms", isWithin(command.ttl, 1, dayMs)) ??
        wrong("lease_ms", isWithin(command.lease, 1, dayMs)) ??
        wrong("health_milli", isWithin(command.healthMilli, 0, 1000)) ??
        wrongOfMetrics(command.metrics) ??
        wrong("running", areIds(command.running, runningMax))
      );
    case "offline_node":
      return wrong("node", isId(command.node)) ?? wrong("retention_ms", isWithin(command.retention, 1, dayMs));
    case "reserve_job":
      return (
        wrong("node", isId(command.node)) ??
        wrong("job", isId(command.job)) ??
        wrong("lease_ms", isWithin(command.lease, 1, dayMs)) ??
        wrong("seen", isWithin(command.seen, 0, digits15))
      );
    case "complete_job":
      return (
        wrong("node", isId(command.node)) ??
        wrong("job", isId(command.job)) ??
        wrong("done_ms", isWithin(command.doneFor, 1, dayMs)) ??
        wrong("done_max", isWithin(command.doneMax, 1, 100_000))
      );
    case "release_job":
      return wrong("node", isId(command.node)) ?? wrong("job", isId(command.job));
    default:
      return wrongOfOther(command);
  }
}

type Other = Exclude<Command | ConfigCommand, { readonly node: string }>;

/** Those of the commands that are not about one node. */
function wrongOfOther(command: Other): string | null {
  switch (command.kind) {
    case "sweep":
      return (
        wrong("retention_ms", isWithin(command.retention, 1, dayMs)) ??
        wrong("limit", isWithin(command.limit, 1, 100)) ??
        wrong("job_limit", isWithin(command.jobLimit, 1, 1000)) ??
        wrong("gap_ms", isWithin(command.gap, 1, dayMs)) ??
        wrong("grace_ms", isWithin(command.grace, 0, dayMs)) ??
        wrong("offset", isWithin(command.offset, 0, digits15)) ??
        wrong("candidates", areIds(command.candidates, command.limit))
      );
    case "changes_since":
      return (
        wrong("sequence", isWithin(command.since.sequence, 0, digits15)) ??
        wrong("limit", isWithin(command.limit, 0, 10_000)) ??
        wrong("max_bytes", isWithin(command.maxBytes ?? mostBytes, 1, mostBytes))
      );
    case "read_orphans":
      return wrong("after", isWithin(command.after, 0, digits15)) ?? wrong("limit", isWithin(command.limit, 1, 1000));
    case "ack_orphans":
      return wrong(
        "losses",
        command.losses.length <= 1000 && command.losses.every(({ order }) => isWithin(order, 1, digits15)),
      );
    case "snapshot":
      return (
        wrong("after", utf8Length(command.after) <= 256) ??
        wrong("limit", isWithin(command.limit, 0, 1000)) ??
        wrong("max_bytes", isWithin(command.maxBytes ?? mostBytes, 1, mostBytes))
      );
    case "put_config":
      return (
        wrong("pool_count", isWithin(command.content.poolCount, 0, 10_000)) ??
        wrong("hash_seed", isWithin(command.content.hashSeed, 0, 4_294_967_295)) ??
        wrong("pools", arePools(command.content.pools, command.content.poolCount))
      );
    case "read_config":
      return null;
  }
}

function wrongOfMetrics(metrics: Metrics): string | null {
  return (
    wrong("cpu", isMetric(metrics.cpu)) ??
    wrong("gpu", isMetric(metrics.gpu)) ??
    wrong("memory", isMetric(metrics.memory)) ??
    wrong("load", isMetric(metrics.load)) ??
    wrong("latency_ms", isMetric(metrics.latency_ms)) ??
    wrong("error_rate", isMetric(metrics.error_rate))
  );
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && low <= value && value <= high;
}

/** A number with a shortest text of plain digits: NaN and the infinities are words, and 1e-7 has an exponent. */
function isMetric(value: number | null): boolean {
  if (value === null) return true;
  if (value === 0 || (value >= 0.1 && value <= 1_000_000_000)) return true; // no text of these is longer than 19
  const text = String(value);
  return /^[0-9]+(\.[0-9]+)?$/.test(text) && text.length <= 20 && value <= 1_000_000_000;
}

function isId(text: string): boolean {
  return text.isWellFormed() && isSized(text, 256);
}

function isToken(text: string): boolean {
  return isSized(text, 64);
}

/** No UTF-16 unit takes more than three bytes, so most texts need not be counted. */
function isSized(text: string, maxBytes: number): boolean {
  if (text.length > 0 && text.length * 3 <= maxBytes) return true;
  const bytes = utf8Length(text);
  return 1 <= bytes && bytes <= maxBytes;
}

/** Their order and that none is there twice is the caller's duty. */
function areIds(list: readonly string[], max = 64): boolean {
  return list.length <= max && list.every(isId);
}

function arePools(pools: readonly PoolConfig[], count: number): boolean {
  return pools.length === count && pools.every(isPool);
}

function isPool({ id, name, required_services, language_pairs }: PoolConfig): boolean {
  const isName = name === "" || isId(name);
  return isId(id) && isName && areIds(required_services) && areLanguages(language_pairs);
}

function areLanguages(list: readonly LanguagePair[]): boolean {
  return list.length <= 512 && list.every(({ source, target }) => isLanguage(source) && isLanguage(target));
}

function isLanguage(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,35}$/.test(text);
}
