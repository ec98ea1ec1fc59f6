import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "feed-trimmed",
  why: "An instance that missed changes which the feed no longer has loads the partition anew, once, and only then.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 4, partitions: 2, feedMax: 40 },
  settings: { l1Ttl: seconds(1), l2Ttl: seconds(3), dwellMax: ms(500) },
  load: [
    { kind: "select", every: ms(10) },
    { kind: "read", every: ms(20) },
    { kind: "heartbeat", every: ms(40), instances: [1] },
    { kind: "dispatch", every: ms(8), holds: ms(100), instances: [1] },
    { kind: "go_offline", every: ms(400), holds: ms(500), instances: [1] },
  ],
  faults: [{ kind: "redis_blackhole", at: ms(400), lasts: ms(900), bytes: "lost", instances: [0] }],
  always: ["V4", "P1", "F1", "V1", "V2", "D1", "D2", "D5", "B2"],
  sometimes: ["feed_trimmed", "degraded"],
  eventually: { D3: { within: seconds(1.1) }, V3: { within: seconds(1) } },
  duration: seconds(2.7),
});
