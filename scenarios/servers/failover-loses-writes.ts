import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "failover-loses-writes",
  why: "A replica that lacks the last writes takes over: what was acknowledged and lost is named by a new epoch, and no instance holds on to it.",
  topology: {
    ...{ instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
    ...{ redis: "replica", also: ["sentinel", "cluster"] },
  },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
    { kind: "go_offline", every: ms(400), from: ms(200), holds: ms(400) },
  ],
  faults: [{ kind: "redis_failover", at: ms(600), lasts: ms(500) }],
  always: ["D1", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "F1", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["new_epoch", "acknowledged_write_lost", "node_full"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1) } },
  duration: seconds(5),
});
