import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** A page of 40 nodes does not come within a read's timeout: it has to be asked for again, smaller, and none of its nodes is left out. */
export default scenario({
  name: "slow-pages",
  why: "A partition that has to be loaded over a slow link comes in smaller pages, whole, though nodes go between two of them.",
  topology: { instances: 2, nodes: 120, maxJobsPerNode: 2, partitions: 1, feedMax: 60 },
  settings: {
    ...{ l1Ttl: ms(300), missTtl: ms(100), l2Ttl: seconds(3), pollInterval: ms(200), dwellMax: ms(500) },
    ...{ snapshotPage: 40, changesLimit: 20, heartbeatTtl: seconds(2), sweepInterval: ms(100), retention: ms(300) },
  },
  load: [
    { kind: "read", every: ms(30) },
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(12) },
    { kind: "dispatch", every: ms(60), holds: ms(150) },
    { kind: "go_offline", every: ms(40), holds: ms(900) },
  ],
  faults: [
    { kind: "redis_refused", at: ms(600), lasts: ms(900), instances: [0] },
    {
      kind: "redis_bandwidth",
      at: ms(1_450),
      lasts: seconds(1.2),
      instances: [0],
      link: "commands",
      kb_per_second: 700,
    },
  ],
  always: ["V1", "V2", "F1", "S1", "S2", "P1", "J1"],
  sometimes: ["feed_trimmed", "several_pages", "node_forgotten"],
  eventually: { V3: { within: seconds(1) } },
  staleness: ms(1_000),
  duration: seconds(4),
});
