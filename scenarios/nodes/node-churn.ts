import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Nodes that come and go at one instance: the other one learns of them by the feed, or by reading. */
export default scenario({
  name: "node-churn",
  why: "Nodes come, go, fall silent and come back, and are looked up before they exist; no instance selects one that is gone, and every instance sees one that is there.",
  gate: "quick",
  topology: { instances: 2, nodes: 10, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    l1Ttl: seconds(1),
    missTtl: seconds(1),
    heartbeatTtl: ms(500),
    sweepInterval: ms(80),
    retention: ms(1_200),
  },
  load: [
    { kind: "select", every: ms(10) },
    { kind: "heartbeat", every: ms(20) },
    { kind: "read", every: ms(20) },
    { kind: "read_missing", every: ms(30) },
    { kind: "dispatch", every: ms(60), holds: ms(150) },
    { kind: "late_heartbeat", every: ms(50), from: ms(100) },
    { kind: "go_offline", every: ms(350), from: ms(200), holds: ms(450) },
    { kind: "fall_silent", every: ms(800), from: ms(100), holds: ms(1_300) },
    { kind: "arrive", every: ms(300), from: ms(300), holds: ms(500) },
    { kind: "put_config", every: ms(700), from: ms(250) },
    { kind: "bad_heartbeat", every: ms(500) },
  ],
  faults: [
    { kind: "redis_refused", at: seconds(1), lasts: ms(600), link: "feed" },
    { kind: "redis_latency", at: seconds(2.2), lasts: ms(600), adds: ms(8) },
  ],
  always: ["N1", "N2", "N3", "S1", "S2", "P1", "C2", "V4", "F1", "V2", "K4", "B2", "L1", "H1", "O1"],
  sometimes: ["registered_again", "node_expired", "late_heartbeat_refused", "miss_absorbed", "gap_found"],
  duration: seconds(3.6),
});
