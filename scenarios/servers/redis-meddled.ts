import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Mistakes that an operator may make. */
export default scenario({
  name: "redis-meddled",
  why: "Scripts flushed, clients killed, a key overwritten, everything deleted by hand: no instance continues with data that is gone.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
  ],
  faults: [
    { kind: "script_flush", at: ms(400) },
    { kind: "client_kill", at: ms(1_000) },
    { kind: "wrong_type", at: ms(2_600), lasts: ms(300), key: "expiry" },
    { kind: "wrong_type", at: ms(3_900), lasts: ms(300), key: "feed" },
    { kind: "flush_all", at: ms(5_400) },
  ],
  always: ["D1", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["refused_by_redis", "new_epoch", "registered_again", "node_full"],
  eventually: { V3: { within: seconds(1.2) } },
  duration: seconds(6.8),
});
