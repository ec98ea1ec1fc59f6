import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Instance 0 stays with the old primary, which still believes to be one. */
export default scenario({
  name: "split-brain",
  why: "Two primaries take writes at once; when the old one yields, its followers learn that its writes are gone, and the two histories are not mixed.",
  topology: {
    ...{ instances: 3, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
    ...{ redis: "replica", also: ["sentinel", "cluster"] },
  },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(8) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(50) },
    { kind: "dispatch", every: ms(35), holds: ms(150) },
    { kind: "reserve", every: ms(60), holds: ms(200) },
  ],
  faults: [{ kind: "redis_split_brain", at: ms(600), lasts: seconds(1), instances: [0] }],
  always: ["D1", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["new_epoch", "acknowledged_write_lost", "node_full"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1.5) } },
  duration: seconds(5),
});
