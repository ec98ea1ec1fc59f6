import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "node-flapping",
  why: "A node that goes and comes back faster than sweeps run has as many incarnations as registrations, and jobs of the last one only.",
  topology: { instances: 3, nodes: 6, maxJobsPerNode: 2, partitions: 2 },
  settings: {
    heartbeatTtl: ms(600),
    sweepInterval: ms(100),
    retention: seconds(2),
    lease: seconds(2),
    missTtl: ms(500),
  },
  load: [
    { kind: "select", every: ms(50) },
    { kind: "read", every: ms(60) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "repeat_heartbeat", every: ms(150) },
    { kind: "late_heartbeat", every: ms(120) },
    { kind: "dispatch", every: ms(60), holds: ms(300) },
    { kind: "go_offline", every: ms(250), holds: ms(120) },
    { kind: "fall_silent", every: ms(700), holds: ms(900) },
    { kind: "reserve", every: ms(60), holds: ms(300) },
  ],
  faults: [{ kind: "redis_latency", at: seconds(2), lasts: seconds(1), adds: ms(6), direction: "both" }],
  always: ["J1", "J2", "J4", "J5", "V1", "V2", "N1", "N2", "S1", "P1", "F1", "B2"],
  sometimes: ["registered_again", "node_expired", "late_heartbeat_refused"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(6),
});
