import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** A node finishes jobs faster than it can remember them, so that a reserve which arrives late finds no trace of its own job. */
export default scenario({
  name: "late-reserves",
  why: "A reserve that arrives after its job has run gives it no second place, also where the node has forgotten the job.",
  topology: { instances: 3, nodes: 4, maxJobsPerNode: 8, partitions: 1 },
  settings: {
    ...{ doneMax: 2, l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(30), holds: ms(350) },
    { kind: "reserve", every: ms(30), holds: ms(350) },
  ],
  faults: [
    { kind: "command_held", at: seconds(0.5), lasts: seconds(1.2), instances: [0], script: "reserve_job", nth: 1 },
    { kind: "command_held", at: seconds(0.5), lasts: seconds(1.2), instances: [1], script: "reserve_job", nth: 2 },
    { kind: "command_held", at: seconds(0.5), lasts: seconds(1.2), instances: [2], script: "reserve_job", nth: 3 },
    { kind: "command_held", at: seconds(3.3), lasts: seconds(1.2), instances: [0], script: "reserve_job", nth: 2 },
    { kind: "command_held", at: seconds(3.3), lasts: seconds(1.2), instances: [1], script: "reserve_job", nth: 1 },
  ],
  always: ["J1", "J2", "J3", "V1", "V2", "F1", "K3", "S1", "S5", "L1", "D6"],
  sometimes: ["degraded"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.3) } },
  duration: seconds(6.2),
});
