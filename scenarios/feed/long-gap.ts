import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Instance 1 writes nothing and reads nothing, so that the feed is its only source; it misses far more between two polls than one answer holds. */
export default scenario({
  name: "long-gap",
  why: "A gap that takes many answers is closed by one poll: the rest of an answer is fetched at once.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 1, feedMax: 1_000 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(2) },
    ...{ pollInterval: ms(200), pulseInterval: ms(200), changesLimit: 3 },
  },
  load: [
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(8), instances: [0] },
    { kind: "dispatch", every: ms(60), holds: ms(150), instances: [0] },
    { kind: "go_offline", every: ms(600), from: ms(300), holds: ms(200), instances: [0] }, // members change while it follows them
  ],
  faults: [{ kind: "wake_up_dropped", at: ms(500), lasts: seconds(1.5), nth: 1, count: 1_000, instances: [1] }],
  always: ["V1", "V2", "V4", "P1", "J1", "F1", "K3", "S5"],
  eventually: { V3: { within: seconds(1) } },
  staleness: ms(600),
  duration: seconds(3),
});
