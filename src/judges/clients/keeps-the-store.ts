/** Faults that leave what the store holds as it was, and its clock. After any other it may have lost anything. */
export const keepsTheStore: ReadonlySet<string> = new Set([
  ...["redis_latency", "redis_bandwidth", "redis_blackhole", "redis_refused", "redis_reset", "redis_half_open"],
  ...["redis_slow_close", "redis_sliced", "redis_pause", "wake_up_dropped", "client_broken"],
  ...["reply_lost", "command_delayed", "command_held", "command_repeated"],
  ...["script_flush", "client_kill", "client_pause", "feed_entry_deleted", "slot_migration"],
  ...["redis_busy", "redis_out_of_memory", "redis_readonly", "redis_loading"],
  ...["instance_crash", "instance_pause", "instance_slow"],
]);
