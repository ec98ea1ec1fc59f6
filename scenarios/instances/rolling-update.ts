import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Each instance is closed and started again, the way a careful deployment does it: once on a slow link, so that calls are in flight, once without a fault. */
export default scenario({
  name: "rolling-update",
  why: "Closing an instance during its calls ends them, leaves nothing behind, and what it answers afterwards is an error or marked stale.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 6, partitions: 2 },
  settings: { dwellMax: ms(500), l1Ttl: ms(500), missTtl: ms(500), sweepInterval: ms(100), lease: seconds(1) },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "read_missing", every: ms(40) },
    { kind: "select", every: ms(10) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(120) },
    { kind: "reserve", every: ms(10), holds: ms(120) },
  ],
  faults: [
    { kind: "redis_latency", at: ms(400), lasts: ms(300), adds: ms(15), instances: [0] },
    { kind: "instance_close", at: ms(600), lasts: ms(300), instances: [0] },
    { kind: "instance_close", at: ms(1_800), lasts: ms(300), instances: [1] },
    { kind: "redis_latency", at: ms(2_800), lasts: ms(300), adds: ms(15), instances: [1] },
    { kind: "instance_close", at: ms(3_000), lasts: ms(300), instances: [1] },
  ],
  always: ["K6", "J1", "J2", "L1", "V1", "V2", "S1", "F1", "S5", "M1"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(4.5),
});
