import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** A close that comes late is the little sister of one that never comes. */
export default scenario({
  name: "half-open",
  why: "A connection with a peer that disappeared silently is closed, and the changes that were missed meanwhile are found.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(2), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
  ],
  faults: [
    { kind: "redis_half_open", at: ms(800), lasts: seconds(1), link: "feed", instances: [0] },
    { kind: "redis_half_open", at: ms(800), lasts: seconds(1), instances: [1] },
    { kind: "redis_half_open", at: ms(3_000), lasts: seconds(1), instances: [0] },
    { kind: "redis_slow_close", at: ms(5_000), lasts: ms(500), delay: ms(200) },
    { kind: "client_kill", at: ms(5_100) },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "V4", "F1", "K3", "S1", "S5", "B2"],
  sometimes: ["gap_found", "degraded", "node_full"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(6.2),
});
