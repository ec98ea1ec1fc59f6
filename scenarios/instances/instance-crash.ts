import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** The only instance that the nodes talk to is gone for longer than they are believed alive. */
export default scenario({
  name: "instance-crash",
  why: "When an instance is killed, and with it the heartbeats of its nodes, the others see those nodes expire; after its restart it sees them come back.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    dwellMax: ms(500),
    l1Ttl: ms(500),
    missTtl: ms(500),
    heartbeatTtl: ms(600),
    sweepInterval: ms(80),
    lease: seconds(1),
  },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "select", every: ms(10) },
    { kind: "heartbeat", every: ms(20) },
    { kind: "dispatch", every: ms(25), holds: ms(120) },
    { kind: "reserve", every: ms(25), holds: ms(200) },
    { kind: "late_heartbeat", every: ms(60), from: ms(200) },
  ],
  faults: [
    { kind: "instance_crash", at: ms(500), lasts: ms(1_300), instances: [0] },
    { kind: "redis_latency", at: ms(4_200), lasts: ms(400), adds: ms(200) },
  ],
  always: ["J1", "J2", "O1", "L1", "V1", "V2", "N1", "N2", "S1", "F1", "D1", "D5", "D6", "B2"],
  sometimes: ["node_expired", "registered_again", "late_heartbeat_refused"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(5.6),
});
