import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * Jobs run for four leases, and their nodes name them in every heartbeat. A node that falls silent for two leases, and an instance that is cut
 * off for longer than one, let them lapse: no lease was renewed.
 */
export default scenario({
  name: "long-jobs",
  why: "A job that runs longer than its lease keeps its place for as long as its node says that it runs it, and loses it once no node does.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
    ...{ lease: ms(600), sweepInterval: ms(100), heartbeatTtl: seconds(2) },
  },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(400), holds: ms(2_400) },
    { kind: "reserve", every: ms(60), holds: ms(200) },
    { kind: "late_heartbeat", every: ms(300) },
    { kind: "fall_silent", every: ms(1_500), from: ms(500), holds: ms(1_200) },
  ],
  faults: [
    {
      kind: "reply_lost",
      at: seconds(1),
      lasts: ms(500),
      instances: [0],
      script: "heartbeat",
      nth: 2,
      connection: "cut",
    },
    { kind: "redis_blackhole", at: seconds(3), lasts: ms(800), instances: [1], bytes: "lost" },
  ],
  always: ["D5", "D6", "J1", "J2", "J5", "O1", "V1", "V2", "N1", "F1", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["node_full", "degraded", "registered_again", "lease_ended"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.5) } },
  duration: seconds(6),
});
