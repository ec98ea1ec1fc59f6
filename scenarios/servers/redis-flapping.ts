import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "redis-flapping",
  why: "A Redis that comes and goes every second does not make an instance change its mode every second, and leaves no read without an answer.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(200), missTtl: ms(200), l2Ttl: seconds(2), dwellMax: ms(800) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(50) },
    { kind: "heartbeat", every: ms(100) },
    { kind: "dispatch", every: ms(80), holds: ms(300) },
    { kind: "reserve", every: ms(60), holds: ms(300) },
  ],
  faults: [
    { kind: "redis_refused", at: seconds(1), lasts: ms(300) },
    { kind: "redis_blackhole", at: seconds(2), lasts: ms(300), bytes: "lost" },
    { kind: "redis_reset", at: seconds(3), lasts: ms(300) },
    { kind: "redis_blackhole", at: seconds(4), lasts: ms(300), bytes: "held" },
    { kind: "redis_refused", at: seconds(5), lasts: ms(300) },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2"],
  sometimes: ["degraded", "answered_from_l2"],
  eventually: { V3: { within: seconds(2) } },
  duration: seconds(8),
});
