import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * A failover follows upon another one before the instances have had time to forget. Later a replica is promoted, and soon another one; then instance 0 is
 * routed back to the primary of two failovers ago.
 */
export default scenario({
  name: "two-failovers",
  why: "After two failovers in a row every instance follows the last primary, and believes none of the primaries before it.",
  topology: { instances: 3, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(30) },
    { kind: "dispatch", every: ms(40), holds: ms(150) },
    { kind: "reserve", every: ms(60), holds: ms(200) },
    { kind: "go_offline", every: ms(700), holds: ms(200) },
    { kind: "put_config", every: ms(400) },
  ],
  faults: [
    { kind: "redis_failover", at: ms(300), lasts: ms(150) },
    { kind: "redis_failover", at: ms(450), lasts: ms(150) },
    { kind: "redis_former_primary", at: seconds(2.2), lasts: seconds(4.2), instances: [0] },
    { kind: "redis_failover", at: seconds(3.1), lasts: ms(200) },
  ],
  always: ["D1", "D4", "D5", "J1", "J2", "V1", "V2", "K3", "S1", "S5"],
  sometimes: ["new_epoch", "acknowledged_write_lost", "degraded", "tenth_configuration"],
  eventually: { V3: { within: seconds(1.5) }, D3: { within: seconds(1.3) } },
  duration: seconds(8),
});
