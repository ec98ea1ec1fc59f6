import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Nothing is set, so that each bound is met with the documented default. The first outage is longer than `localOnlyAfter` and every heartbeat's TTL, the others are
 * short; the last one is a relapse, the one before is none. */
export default scenario({
  name: "default-settings",
  why: "An instance that sets nothing keeps what the documentation promises: no cache, mark, mode or timeout lasts longer than it says.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2 },
  load: [
    { kind: "read", every: ms(100) },
    { kind: "read_missing", every: ms(150), among: 2 },
    { kind: "select", every: ms(150) },
    { kind: "heartbeat", every: ms(300) },
    { kind: "dispatch", every: ms(900), holds: ms(400) },
    { kind: "reserve", every: seconds(2), holds: ms(400) },
  ],
  faults: [
    { kind: "redis_blackhole", at: seconds(3), lasts: seconds(19.5), bytes: "lost" },
    { kind: "redis_blackhole", at: seconds(30), lasts: ms(700), bytes: "held" },
    { kind: "redis_blackhole", at: seconds(34), lasts: ms(700), bytes: "held" },
  ],
  always: ["J1", "V1", "V2", "C2", "D1", "D2", "D5", "D6", "K3", "N4", "S5"],
  sometimes: ["degraded", "miss_absorbed"],
  eventually: { D3: { within: seconds(3) }, V3: { within: seconds(1) } },
  duration: seconds(38.5),
});
