import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** First the process is stopped, then it only holds back writes, which holds back every script. */
export default scenario({
  name: "redis-stalled",
  why: "A Redis that is stopped, and then runs everything that had been sent to it, counts nothing twice and delays no read.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(15), holds: ms(100) },
    { kind: "reserve", every: ms(25), holds: ms(120) },
  ],
  faults: [
    { kind: "redis_pause", at: ms(500), lasts: ms(700) },
    { kind: "client_pause", at: ms(2_700), lasts: ms(600) },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "J3", "V1", "V2", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["answered_stale", "degraded", "node_full"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.2) } },
  duration: seconds(4.8),
});
