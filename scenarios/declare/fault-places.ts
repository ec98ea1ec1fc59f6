/** Where each fault is possible: in the simulator, and on which real topologies. A layer that cannot inject one reports that before it begins. */
import type { FaultKind } from "./fault-kinds.ts";

export const redisTopologies = ["single", "replica", "sentinel", "cluster"] as const;
export type RedisTopology = (typeof redisTopologies)[number];

export interface Places {
  readonly simulated: boolean;
  readonly redis: readonly RedisTopology[];
}

const everywhere: Places = { simulated: true, redis: redisTopologies };
const oneServer: Places = { simulated: true, redis: ["single", "replica"] };
/** Where one server holds everything: in a Cluster it would affect only a part, which is another fault. */
const onePrimary: Places = { simulated: true, redis: ["single", "replica", "sentinel"] };
const withReplica: Places = { simulated: true, redis: ["replica", "sentinel", "cluster"] };

export const places: Readonly<Record<FaultKind, Places>> = {
  redis_latency: everywhere,
  redis_bandwidth: everywhere,
  redis_blackhole: everywhere,
  redis_refused: everywhere,
  redis_reset: everywhere,
  redis_half_open: everywhere,
  redis_slow_close: everywhere,
  redis_sliced: everywhere,
  reply_lost: everywhere,
  command_delayed: everywhere,
  command_held: everywhere,
  command_repeated: everywhere,
  wake_up_dropped: everywhere,
  redis_pause: onePrimary,
  // Sentinels notice that the primary has restarted, and may act on it.
  redis_restart: oneServer,
  redis_failover: withReplica,
  redis_split_brain: withReplica,
  // Only a stale address can route clients to a former primary, and the harness has none to change.
  redis_former_primary: { simulated: true, redis: [] },
  slot_migration: { simulated: true, redis: ["cluster"] },
  script_flush: everywhere,
  client_kill: everywhere,
  client_pause: onePrimary,
  redis_busy: onePrimary,
  redis_out_of_memory: onePrimary,
  // The address leads to a replica: to be one itself a server would have to begin another epoch.
  redis_readonly: { simulated: true, redis: ["replica"] },
  redis_loading: oneServer,
  flush_all: onePrimary,
  feed_entry_deleted: onePrimary,
  wrong_type: onePrimary,
  // A fault of the instance's process, which has one address of one Redis.
  instance_crash: oneServer,
  instance_close: { simulated: true, redis: [] },
  // The client of a real server keeps its promises.
  client_broken: { simulated: true, redis: [] },
  instance_pause: oneServer,
  instance_slow: oneServer,
  // Not the server's own clock, but the time that every script gets.
  clock_jump: everywhere,
};
