import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "idle-shard-stopped",
  why: "A server of which clients ask next to nothing is noticed within 50 ms once it has stopped, whatever the others answer.",
  topology: { instances: 2, nodes: 12, maxJobsPerNode: 3, partitions: 6, shards: 3, redis: "cluster" },
  settings: { l1Ttl: seconds(5), pollInterval: ms(400), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(50) },
    { kind: "heartbeat", every: ms(250) },
    { kind: "reserve", every: ms(300), holds: ms(300) },
  ],
  faults: [
    { kind: "shard_pause", at: seconds(1), lasts: seconds(0.5), partition: 0 },
    { kind: "shard_pause", at: seconds(3), lasts: seconds(0.5), partition: 1 },
    { kind: "shard_pause", at: seconds(5), lasts: seconds(0.5), partition: 2 },
  ],
  always: ["D1", "D2", "D5", "D6", "V1", "V2", "K3", "L1"],
  sometimes: ["degraded"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.5) } },
  duration: seconds(7.2),
});
