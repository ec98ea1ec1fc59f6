import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Longer than every TTL, lease and retention: by its end all that was known has run out, here and in the store. */
export default scenario({
  name: "long-outage",
  why: "A Redis that is away for longer than anything lasts stops no read, and is followed again from wherever it stands.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(50), l2Ttl: ms(600), pollInterval: ms(200), dwellMax: ms(500) },
    ...{ heartbeatTtl: ms(700), lease: ms(600), retention: ms(800), doneFor: ms(500), sweepInterval: ms(100) },
    localOnlyAfter: ms(500),
  },
  load: [
    { kind: "read", every: ms(10) },
    { kind: "read_missing", every: ms(90) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(30) },
    { kind: "dispatch", every: ms(50), holds: ms(180) },
    { kind: "dispatch", every: ms(300), holds: ms(1_500) },
    { kind: "reserve", every: ms(10), from: ms(100), until: ms(400), holds: ms(150) },
    { kind: "arrive", every: ms(800), from: ms(300), holds: ms(200) },
    { kind: "put_config", every: ms(500) },
  ],
  faults: [{ kind: "redis_blackhole", at: seconds(2), lasts: seconds(2.6), bytes: "lost" }],
  always: ["D1", "D2", "D5", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "F1"],
  sometimes: ["degraded", "answered_stale", "registered_again", "node_forgotten"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.5) } },
  duration: seconds(6.6),
});
