import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** The feed keeps less than an instance misses between two polls: nodes appear by a new view, not by a change. */
export default scenario({
  name: "trimmed-arrivals",
  why: "A node that was looked up before it existed is found as soon as a view has it, by a change or by a new view.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 1, feedMax: 4 },
  settings: {
    ...{ l1Ttl: seconds(1), missTtl: seconds(1), l2Ttl: seconds(2) },
    ...{ pollInterval: ms(100), pulseInterval: ms(100) },
  },
  load: [
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(8), instances: [0] },
    { kind: "arrive", every: ms(250), from: ms(300), holds: ms(200), instances: [0] },
    { kind: "dispatch", every: ms(80), holds: ms(150), instances: [0] },
  ],
  faults: [{ kind: "wake_up_dropped", at: ms(500), lasts: seconds(2), nth: 1, count: 1_000, instances: [1] }],
  always: ["V1", "V2", "N3", "S2", "J1", "F1", "K3", "S5"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(3.2),
});
