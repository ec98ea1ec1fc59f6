import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** It has a replica to be misled to: a server that takes no writes. */
export default scenario({
  name: "redis-refuses",
  why: "A Redis that refuses calls, because it is busy, full, a replica or loading, gets no write twice and delays no read beyond 50 ms.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2, redis: "replica" },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
  ],
  faults: [
    { kind: "redis_busy", at: ms(500), lasts: ms(400) },
    { kind: "redis_out_of_memory", at: ms(2_100), lasts: ms(400) },
    { kind: "redis_readonly", at: ms(3_700), lasts: ms(400) },
    { kind: "redis_loading", at: ms(5_300), lasts: ms(500) },
  ],
  always: ["D1", "D2", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2"],
  sometimes: ["refused_by_redis", "degraded", "new_epoch", "node_full"],
  eventually: { V3: { within: seconds(1.2) }, D3: { within: seconds(0.9) } },
  duration: seconds(7.4),
});
