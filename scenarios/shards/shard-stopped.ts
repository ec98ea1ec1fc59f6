import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "shard-stopped",
  why: "Where one of three servers stops, its partitions degrade within 50 ms and come back, and the others do not notice.",
  topology: { instances: 2, nodes: 60, maxJobsPerNode: 3, partitions: 48, shards: 3, redis: "cluster" },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "read_missing", every: ms(90) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(10) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(30), holds: ms(200) },
  ],
  faults: [
    { kind: "shard_pause", at: seconds(0.8), lasts: seconds(0.6), partition: 0 },
    { kind: "shard_pause", at: seconds(3), lasts: seconds(0.6), partition: 1 },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "L1"],
  sometimes: ["degraded", "answered_from_l2", "answered_stale"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.5) } },
  duration: seconds(5.2),
});
