/** putConfig: Phase3Config under compare-and-set. Safe to repeat: content that is stored already is no conflict. */

import type { ConfigContent, PoolConfig } from "../../protocol/configuration.ts";
import type { Answer, PutConfigReply } from "../../protocol/replies.ts";
import type { Version } from "../../protocol/version.ts";
import type { CallOptions, Calls } from "../calls/calls.ts";
import { InvalidInputError } from "../errors.ts";
import type { ConfigFollower } from "../following/config-follower.ts";
import { checkId, checkIds, checkInteger, checkPairs, found } from "../input.ts";
import { isFailure, type Store } from "../ports.ts";

export interface ConfigWriterPorts {
  readonly store: Store;
  readonly calls: Calls;
  readonly follower: ConfigFollower;
}

const maxPools = 10_000;
const maxServices = 64;
const maxNameBytes = 256;

/** @param expected what the caller has seen: the version of `config()`; null: none was there
 * @throws InvalidInputError
 */
export async function putConfig(
  { store, calls, follower }: ConfigWriterPorts,
  config: ConfigContent,
  expected: Version | null,
  options: CallOptions = {},
): Promise<Answer<PutConfigReply>> {
  const request = { expected, content: checkConfig(config) };
  const run = (deadline: number) => store.putConfig(request, deadline);
  const answer = await calls.write({ operation: "put_config", partition: "cfg", run }, options);
  if (isFailure(answer) || follower.heard(answer.version, "put_config")) return answer;
  const message = `answered in epoch ${answer.version.epoch}, which was abandoned: what was written may be lost`;
  return { kind: "failed", applied: "unknown", cause: "readonly", after: 0, message };
}

/** @returns the content with its lists in the order and without the duplicates that the protocol asks for */
function checkConfig(config: ConfigContent): ConfigContent {
  const { enabled, hash_seed, fallback_scan_all_pools } = config;
  checkInteger("pool_count", config.pool_count, 0, maxPools);
  checkInteger("hash_seed", hash_seed, 0, 0xffff_ffff);
  for (const [where, flag] of Object.entries({ enabled, fallback_scan_all_pools })) {
    if (typeof flag !== "boolean") throw wrong(where, flag, "true or false");
  }
  const pools = config.pools.map(checkPool);
  const ids = new Set(pools.map(({ id }) => id));
  if (ids.size !== pools.length) throw wrong("pools", `${pools.length - ids.size} ids twice`, "each id once");
  if (pools.length !== config.pool_count) throw wrong("pool_count", config.pool_count, `${pools.length}, as in pools`);
  return { enabled, pool_count: pools.length, hash_seed, fallback_scan_all_pools, pools };
}

function checkPool(pool: PoolConfig, position: number): PoolConfig {
  const where = `pools[${position}]`;
  const name = pool.name === "" ? "" : checkId(`${where}.name`, pool.name, maxNameBytes);
  return {
    id: checkId(`${where}.id`, pool.id),
    name,
    required_services: checkIds(`${where}.required_services`, pool.required_services, maxServices),
    language_pairs: checkPairs(`${where}.language_pairs`, pool.language_pairs),
  };
}

function wrong(where: string, value: unknown, allowed: string): InvalidInputError {
  return new InvalidInputError({ where, found: found(value), allowed, fix: "mend the configuration" });
}
