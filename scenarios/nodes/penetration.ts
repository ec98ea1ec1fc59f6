import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "penetration",
  why: "A thousand lookups a second of nodes that there are not cost Redis one request an id, miss TTL and instance, also while it is slow.",
  topology: { instances: 2, nodes: 4, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: seconds(1), missTtl: ms(300) },
  load: [
    { kind: "read_missing", every: ms(2), among: 20 },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(100) },
    { kind: "dispatch", every: ms(50), holds: ms(150) },
  ],
  faults: [{ kind: "redis_latency", at: ms(600), lasts: ms(700), adds: ms(8) }],
  always: ["C2", "D1", "B2", "M1"],
  sometimes: ["missing_looked_up", "miss_absorbed"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(2),
});
