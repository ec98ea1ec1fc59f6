import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Instance 1 gets no wake-ups and polls every 200 ms: it has usually not read the deleted entry, and at its next poll there are later entries. */
export default scenario({
  name: "hole-in-the-feed",
  why: "An entry that was deleted from the feed is noticed as a gap, and no instance continues as if it had never existed.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    ...{ l1Ttl: seconds(1), missTtl: ms(100), l2Ttl: seconds(2) },
    ...{ pollInterval: ms(200), pulseInterval: ms(200) },
  },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(15) },
    { kind: "heartbeat", every: ms(30), instances: [0] },
    { kind: "dispatch", every: ms(25), holds: ms(400), instances: [0] },
    { kind: "go_offline", every: ms(400), holds: ms(900), instances: [0] },
  ],
  faults: [
    { kind: "wake_up_dropped", at: ms(300), lasts: seconds(2.4), nth: 1, count: 10_000, instances: [1] },
    { kind: "feed_entry_deleted", at: ms(600) },
    { kind: "feed_entry_deleted", at: ms(1_130) },
    { kind: "feed_entry_deleted", at: ms(1_670) },
    { kind: "feed_entry_deleted", at: ms(2_190) },
  ],
  always: ["V2", "V4", "J1", "K3", "S5"],
  sometimes: ["gap_found"],
  eventually: { V3: { within: seconds(1) } },
  staleness: ms(500),
  duration: seconds(3.2),
});
