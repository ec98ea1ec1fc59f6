/** Replies about Phase3Config, read into words. */

import type { PoolConfig, StoredConfig } from "../../protocol/configuration.ts";
import type { ConfigCheckReply, ConfigReply, PutConfigReply } from "../../protocol/replies.ts";
import type { Version } from "../../protocol/version.ts";
import {
  fieldsOf,
  integer,
  isOfWrongType,
  list,
  open,
  pairs,
  parseJson,
  ReplyError,
  succession,
  text,
  texts,
  unexpected,
  version,
  wrongType,
} from "./reply.ts";

export function readPutConfig(raw: unknown): PutConfigReply {
  const { kind, version: at, rest } = open(raw, ["stored", "already", "conflict"]);
  const stored = rest[0] === "" ? null : version("config version", rest[0]);
  return { kind: kind as PutConfigReply["kind"], version: at, config: stored };
}

export function readConfigPage(raw: unknown): ConfigReply {
  const { version: at, rest } = open(raw, ["page"]);
  const [record] = list("records", rest[0]);
  texts("next", rest[1]);
  const place = { succession: succession(rest.slice(2)) };
  try {
    return { kind: "config", version: at, config: readConfig(record), ...place };
  } catch (error) {
    if (error instanceof ReplyError) return { kind: "malformed", version: at, reason: error.message, ...place };
    throw error;
  }
}

/** Reads the reply to `changes_since` with limit 0. */
export function readConfigCheck(raw: unknown, since: Version): ConfigCheckReply {
  const { kind, rest, version: at } = open(raw, ["changes", "resync"]);
  if (kind === "resync") succession(rest);
  const isSame = kind === "changes" && at.epoch === since.epoch && at.sequence === since.sequence;
  return { kind: isSame ? "unchanged" : "changed", version: at };
}

/** An empty record: none was ever put. */
function readConfig(raw: unknown): StoredConfig | null {
  if (isOfWrongType(raw)) unexpected("the configuration should be a hash", wrongType);
  const fields = fieldsOf("config", raw);
  if (Object.keys(fields).length === 0) return null;
  const pools = list("pools", parseJson("pools", fields["pools"])).map(readPool);
  const pool_count = integer("pool_count", fields["pool_count"]);
  if (pool_count !== pools.length) unexpected(`pool_count should be ${pools.length}, as in pools`, pool_count);
  return {
    version: version("version", fields["version"]),
    enabled: flag("enabled", fields["enabled"]),
    pool_count,
    hash_seed: seed("hash_seed", fields["hash_seed"]),
    fallback_scan_all_pools: flag("fallback_scan_all_pools", fields["fallback_scan_all_pools"]),
    pools,
  };
}

const language = /^[A-Za-z0-9_-]{1,35}$/u;

/** Another program may have written it, so it is held to what the script would have stored. */
function readPool(raw: unknown): PoolConfig {
  const fields = new Map<string, unknown>(Object.entries(raw ?? {}));
  const services = texts("required_services", fields.get("required_services"));
  const served = pairs("language_pairs", fields.get("language_pairs"));
  for (const service of services) sized("service", service, 1);
  for (const tag of served.flatMap(({ source, target }) => [source, target]))
    if (!language.test(tag)) unexpected("language should be 1 to 35 letters, digits, _ and -", tag);
  if (services.length > 64) unexpected("required_services should be at most 64", services.length);
  if (served.length > 512) unexpected("language_pairs should be at most 512", served.length);
  return {
    id: sized("pool id", fields.get("id"), 1),
    name: sized("pool name", fields.get("name"), 0),
    required_services: services,
    language_pairs: served,
  };
}

function sized(what: string, found: unknown, least: number): string {
  const value = text(what, found);
  const bytes = Buffer.byteLength(value);
  return bytes >= least && bytes <= 256 ? value : unexpected(`${what} should be ${least} to 256 bytes`, value);
}

function flag(what: string, found: unknown): boolean {
  if (found === "1") return true;
  return found === "0" ? false : unexpected(`${what} should be 0 or 1`, found);
}

function seed(what: string, found: unknown): number {
  const value = integer(what, found);
  return value >= 0 && value <= 0xffff_ffff ? value : unexpected(`${what} should be a number of 32 bits`, found);
}
