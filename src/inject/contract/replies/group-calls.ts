/** The calls that can be in a group, on a server that answers as a check says, and what became of them. */
import type { RedisStore } from "../../../redis/store.ts";
import { type ContractWorld, callTimeout, wire } from "../world.ts";
import type { ScriptedRedis } from "./scripted-redis.ts";

/** So many that the name of one begins like that of another. */
export const partitions = 12;

type StoreOptions = Parameters<ContractWorld["modules"]["createRedisStore"]>[0];

export async function storeOn(
  { keep, modules }: ContractWorld,
  { url }: Pick<ScriptedRedis, "url">,
  more: Pick<StoreOptions, "onCall"> = {},
): Promise<RedisStore> {
  const store = keep(modules.createRedisStore({ url, ...wire, partitions, silence: callTimeout, ...more }));
  await store.connect();
  return store;
}

const metrics = { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };

/** The four calls that can be in a group. */
export function callsOf(store: RedisStore, node = "n", partition = 0, deadline = callTimeout) {
  const job = "j";
  const beat = { seq: 1, chunk: 0, ttl: 1, lease: 1, health_milli: 500, metrics, incarnation: "ab:1" };
  return {
    beat: (running: readonly string[] = []) => store.heartbeat({ partition, node, ...beat, running }, deadline),
    reserve: () => store.reserveJob({ partition, node, job, lease: 1, seen: 2 }, deadline),
    complete: () => store.completeJob({ partition, node, job, doneFor: 1, doneMax: 2 }, deadline),
    release: () => store.releaseJob({ partition, node, job }, deadline),
    leave: () => store.offlineNode({ partition, node, incarnation: "ab:1", retention: 1 }, deadline),
  };
}

/** Kind and version, or cause and whether it was applied. */
export function outcomes(answers: readonly object[]): readonly (readonly unknown[])[] {
  return answers.map((answer) => {
    const { applied, cause, kind, version } = answer as Readonly<Record<string, unknown>>;
    return kind === "failed" ? [cause, applied] : [kind, version];
  });
}

export const at = (sequence: number) => ({ epoch: "ab", sequence });

/** The names of the scripts of a group; of a call that is none, the node that is its first argument. */
export function itemsIn(asked: readonly string[]): readonly string[] {
  const args = asked.slice(3 + Number(asked[2]) + 3);
  const names: string[] = [];
  for (let place = 0; place + 1 < args.length; place += 2 + Number(args[place + 1])) names.push(args[place] ?? "");
  return names;
}
