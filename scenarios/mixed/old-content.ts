import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Cached content gets past its TTL long before the silence lasts for `localOnlyAfter`. */
export default scenario({
  name: "old-content",
  why: "An instance that is cut off for longer than what it holds is good for says so, and goes on answering.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(500), missTtl: ms(300), l2Ttl: seconds(2), pollInterval: ms(200) },
  load: [
    { kind: "read", every: ms(30) },
    { kind: "read_missing", every: ms(90) },
    { kind: "select", every: ms(50) },
    { kind: "heartbeat", every: ms(60) },
    { kind: "dispatch", every: ms(200), holds: ms(150) },
    { kind: "put_config", every: seconds(1) },
  ],
  faults: [
    { kind: "redis_blackhole", at: seconds(1), lasts: seconds(4), bytes: "lost" },
    { kind: "redis_refused", at: seconds(9), lasts: seconds(3), instances: [0] },
  ],
  always: ["D1", "D2", "D5", "D6", "V1", "V2", "K3", "S1", "S4"],
  sometimes: ["degraded", "answered_stale"],
  eventually: { D3: { within: seconds(3) }, V3: { within: seconds(1) } },
  duration: seconds(16),
});
