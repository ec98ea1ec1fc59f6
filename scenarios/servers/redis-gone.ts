import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "redis-gone",
  why: "A Redis that falls silent, then refuses, then comes back, and once comes back empty, never stops a read, and no instance holds on to what was lost.",
  gate: "quick",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "read_missing", every: ms(90) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(35), holds: ms(180) },
    { kind: "reserve", every: ms(60), holds: ms(220) },
    { kind: "go_offline", every: ms(400), holds: ms(150) },
    { kind: "fall_silent", every: ms(400), from: seconds(5), until: seconds(5.4), holds: seconds(20) }, // lost with the data, and not registered again
    { kind: "put_config", every: ms(600) },
  ],
  faults: [
    { kind: "redis_blackhole", at: seconds(0.8), lasts: seconds(0.7), bytes: "held" },
    { kind: "redis_blackhole", at: seconds(3), lasts: seconds(0.7), bytes: "lost" },
    { kind: "redis_refused", at: seconds(3.7), lasts: seconds(0.6) },
    { kind: "redis_restart", at: seconds(5.8), data: "lost" },
  ],
  always: ["D1", "D2", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2", "D4", "D5", "D6", "P1", "L1", "H1", "O1", "M1"],
  sometimes: ["answered_from_l2", "answered_stale", "degraded", "node_full", "new_epoch", "registered_again"],
  eventually: { D3: { within: seconds(1.2) }, V3: { within: seconds(1) } },
  duration: seconds(7.3),
});
