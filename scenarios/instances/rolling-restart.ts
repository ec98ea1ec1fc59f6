import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Each instance is killed once and started again, the way a careless deployment does it, while jobs go on. */
export default scenario({
  name: "rolling-restart",
  why: "Killing an instance during its calls loses nothing: each call happened once or not at all, and the next incarnation agrees with the store.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 6, partitions: 2 },
  settings: { dwellMax: ms(500), l1Ttl: ms(500), missTtl: ms(500), sweepInterval: ms(100), lease: seconds(1) },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(120) },
    { kind: "reserve", every: ms(10), holds: ms(120) },
  ],
  faults: [
    // So that calls are in flight when it comes.
    { kind: "redis_latency", at: ms(400), lasts: ms(300), adds: ms(15), instances: [0] },
    { kind: "redis_latency", at: ms(2_800), lasts: ms(300), adds: ms(15), instances: [1] },
    { kind: "instance_crash", at: ms(600), lasts: ms(300), instances: [0] },
    { kind: "instance_crash", at: ms(3_000), lasts: ms(300), instances: [1] },
  ],
  always: ["J1", "J2", "L1", "J3", "V1", "V2", "S1", "F1", "S5"],
  sometimes: ["node_full"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(6),
});
