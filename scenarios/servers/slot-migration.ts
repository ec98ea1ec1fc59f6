import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "slot-migration",
  why: "A partition that moves to another primary key by key is never half written, and is followed in a new epoch once it has arrived.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2, redis: "cluster" },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
  ],
  faults: [{ kind: "slot_migration", at: ms(600), lasts: ms(800), partition: 0 }],
  always: ["D1", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "F1", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["new_epoch", "node_full"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1.5) } },
  duration: seconds(4),
});
