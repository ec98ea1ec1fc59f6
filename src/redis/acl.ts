/** The minimal rights of a Redis user for the scripts and the feed, and the check that a user has them. */
import type { Redis } from "ioredis";
import { texts } from "./scripts/reply.ts";

/** Called by the scripts; a test holds the list against lua/. */
export const scriptCommands = [
  "hexists",
  "hget",
  "hgetall",
  "hmget",
  "hset",
  "info",
  "publish",
  "time",
  "unlink",
  "xadd",
  "xrange",
  "zadd",
  "zcard",
  "zcount",
  "zmscore",
  "zrange",
  "zrangebylex",
  "zrangebyscore",
  "zrem",
  "zremrangebyrank",
  "zremrangebyscore",
  "zscore",
] as const;

/** Called by the connections themselves. */
const connectionCommands = ["client|setname", "eval", "evalsha", "ping", "script|load", "subscribe"] as const;

/** Called besides in a Cluster. */
export const clusterCommands = ["cluster|slots"] as const;

/** As a pattern that only the prefix itself matches: a prefix may have characters that are wildcards in a pattern. */
function literally(prefix: string): string {
  return prefix.replaceAll(/[*?[\]\\^]/gu, "\\$&");
}

/** The arguments of `ACL SETUSER <name>`: this prefix's keys and channels, these commands, on each server that clients reach. The password is the caller's to add. */
export function leastPrivilege(
  prefix: string,
  topology: "single" | "sentinel" | "cluster" = "single",
): readonly string[] {
  const more = topology === "cluster" ? clusterCommands : [];
  const commands = [...scriptCommands, ...connectionCommands, ...more].map((name) => `+${name}`);
  const own = `${literally(prefix)}*`;
  return ["reset", "on", `~${own}`, `&${own}`, "-@all", ...commands];
}

/** Sent by `lockproof watch`: none of them writes. */
export const watchCommands = [
  "client|setname",
  "exec",
  "hgetall",
  "hmget",
  "info",
  "multi",
  "time",
  "xlen",
  "xrange",
  "zrange",
  "zscore",
] as const;

/** The arguments of `ACL SETUSER <name>` for `lockproof watch`: this prefix's keys, to be read only. */
export function watchPrivilege(prefix: string): readonly string[] {
  return ["reset", "on", `%R~${literally(prefix)}*`, "-@all", ...watchCommands.map((name) => `+${name}`)];
}

/** Those of them without which nothing works; the others are a convenience, or cannot be missing where this is asked. */
const needed = ["evalsha", "subscribe"] as const;

/**
 * Which commands this connection's user may not call under the prefix. Reads and writes nothing.
 * Each is asked for with all the arguments that say where its keys are: Redis 7.0.15 reads past the end of a list that is too short, and crashes.
 */
const checkScript = `
local lacking = {}
for position = 2, #ARGV do
  local command = ARGV[position]
  local allowed
  if command == 'info' or command == 'time' then allowed = redis.acl_check_cmd(command)
  elseif command == 'evalsha' then allowed = redis.acl_check_cmd(command, 'sha', '0')
  else allowed = redis.acl_check_cmd(command, ARGV[1] .. '{p0}:feed') end
  if not allowed then lacking[#lacking + 1] = command end
end
return lacking`;

/** @returns what is lacking, as ACL rules; empty: all rights are there. Rejects where not even EVAL is allowed. */
export async function lackingRights(client: Redis, prefix: string): Promise<readonly string[]> {
  const lacking = await client.eval(checkScript, 0, prefix, ...scriptCommands, ...needed);
  return texts("rights", lacking).map((name) => `+${name}`);
}
