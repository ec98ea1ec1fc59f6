import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** The Redis client ends no call, while replies are late, lost, and late again as an instance closes. Each of those ends is the instance's own. */
export default scenario({
  name: "broken-client",
  why: "An instance ends each of its calls by itself, within deadline and grace, though its Redis client reports no timeout and no broken connection, and throws.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 4, partitions: 2 },
  settings: {
    l1Ttl: ms(300),
    missTtl: ms(100),
    l2Ttl: seconds(2),
    lease: seconds(2),
    dwellMax: ms(400),
    calmAfter: ms(400),
    sweepInterval: ms(200),
  },
  load: [
    { kind: "read", every: ms(7) },
    { kind: "read_missing", every: ms(30), among: 20 },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(25) },
    { kind: "dispatch", every: ms(30), holds: ms(120) },
    { kind: "dispatch_again", every: ms(70), holds: ms(160) },
    { kind: "reserve", every: ms(15), holds: ms(120) },
    { kind: "put_config", every: ms(400) },
  ],
  faults: [
    { kind: "client_broken", at: ms(300), lasts: seconds(4.5) },
    // Replies come after the instance has given their calls up.
    { kind: "redis_latency", at: ms(500), lasts: ms(200), adds: ms(45) },
    // Replies come just in time, so that deadlines are met by the hundred.
    { kind: "redis_latency", at: ms(1_300), lasts: ms(400), adds: ms(12) },
    { kind: "redis_blackhole", at: seconds(2), lasts: ms(250), bytes: "lost", instances: [0] },
    { kind: "reply_lost", at: seconds(2.8), lasts: ms(400), script: "reserve_job", nth: 2, connection: "cut" },
    { kind: "redis_latency", at: ms(3_700), lasts: ms(300), adds: ms(15), instances: [1] },
    { kind: "redis_blackhole", at: ms(3_795), lasts: ms(200), bytes: "lost", instances: [1] },
    { kind: "instance_close", at: ms(3_800), lasts: ms(300), instances: [1] },
  ],
  always: ["K3", "D1", "D5", "D6", "K6", "J1", "J2", "J3", "L1", "V1", "V2", "F1", "S1", "S5", "M1"],
  sometimes: ["degraded", "reply_lost_after_commit"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(6),
});
