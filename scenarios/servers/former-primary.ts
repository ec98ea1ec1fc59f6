import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * All have followed the new primary by the time that instance 0 is routed back: an instance that never was in an epoch cannot know that it is past.
 *
 * The second time it is cut off just before, and does not know the outcome of its last writes. So its first call to the former primary may be a
 * retried reserve, which is sent in every mode, and not a read that shows which server it is.
 */
export default scenario({
  name: "former-primary",
  why: "An instance that a stale address routes back to the former primary believes none of its answers, and recovers once it is routed to the current one.",
  topology: { instances: 3, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(30) },
    { kind: "dispatch", every: ms(40), holds: ms(150) },
    { kind: "reserve", every: ms(60), holds: ms(200) },
    { kind: "go_offline", every: ms(700), holds: ms(200) },
  ],
  faults: [
    { kind: "redis_former_primary", at: ms(600), lasts: seconds(2), instances: [0] },
    { kind: "redis_former_primary", at: seconds(4.2), lasts: seconds(2), instances: [0, 1] },
    { kind: "redis_blackhole", at: seconds(5.1), lasts: ms(90), instances: [0], link: "commands", bytes: "lost" },
  ],
  always: ["D1", "D4", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5"],
  sometimes: ["new_epoch", "degraded"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1.3) } },
  duration: seconds(7.8),
});
