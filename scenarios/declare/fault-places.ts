/** Where each fault can be done: in the simulator, and on which real topologies. A layer that cannot do one says so before it begins. */
import type { FaultKind } from "./fault-kinds.ts";

export const redisTopologies = ["single", "replica", "sentinel", "cluster"] as const;
export type RedisTopology = (typeof redisTopologies)[number];

export interface Places {
  readonly simulated: boolean;
  readonly redis: readonly RedisTopology[];
}

const everywhere: Places = { simulated: true, redis: redisTopologies };
const oneServer: Places = { simulated: true, redis: ["single", "replica"] };
/** Where one server holds everything: of a Cluster a part would be met, which is another fault. */
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
  // Sentinels hear of a new life of the primary, and may act on it.
  redis_restart: oneServer,
  redis_failover: withReplica,
  redis_split_brain: withReplica,
  // Whoever leads clients astray here, a stale address, is not one of ours to spoil.
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
  // Done to a process, which is told one address of one Redis.
  instance_crash: oneServer,
  instance_pause: oneServer,
  instance_slow: oneServer,
  // Not the server's own clock, but what every script is told of it.
  clock_jump: everywhere,
};
