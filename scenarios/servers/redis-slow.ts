import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** First far slower than any deadline; later slower than usual, but in time: then answers, wake-ups and reads overtake each other most. */
export default scenario({
  name: "redis-slow",
  why: "A Redis that answers after 200 ms costs no reader more than 50 ms, and all agree again once it is fast.",
  gate: "quick",
  topology: { instances: 2, nodes: 4, maxJobsPerNode: 4, partitions: 2 },
  settings: { l1Ttl: ms(25), missTtl: ms(25), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "read_missing", every: ms(90) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(35), holds: ms(180) },
    { kind: "reserve", every: ms(60), holds: ms(220) },
  ],
  faults: [
    { kind: "redis_latency", at: seconds(0.8), lasts: seconds(1.2), adds: ms(200) },
    { kind: "redis_latency", at: seconds(3.2), lasts: seconds(0.8), adds: ms(8) },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["answered_from_l2", "answered_stale", "degraded", "node_full", "missing_looked_up"],
  eventually: { D3: { within: seconds(0.9) }, V3: { within: seconds(1) } },
  duration: seconds(5.2),
});
