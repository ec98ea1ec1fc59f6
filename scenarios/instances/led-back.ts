import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * Two failovers follow one another, then instance 0 starts anew, so that it has never followed either of the epochs before. After that it is routed to the
 * primary of two failovers ago, which still takes commands.
 */
export default scenario({
  name: "led-back",
  why: "An instance that is led to a former primary, in an epoch that it has never followed, does not follow it, and recovers once it is routed to the current one.",
  topology: { instances: 3, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(30) },
    { kind: "dispatch", every: ms(40), holds: ms(150) },
    { kind: "reserve", every: ms(60), holds: ms(200) },
  ],
  faults: [
    { kind: "redis_former_primary", at: ms(400), lasts: seconds(6), instances: [0] },
    { kind: "redis_failover", at: ms(900), lasts: ms(200) },
    { kind: "instance_crash", at: ms(2_700), lasts: ms(300), instances: [0] },
  ],
  always: ["D1", "D4", "D5", "J1", "J2", "V1", "V2", "K3", "S1", "S5"],
  sometimes: ["new_epoch", "degraded", "instance_restarted"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1.3) } },
  duration: seconds(8.2),
});
