import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** A queue that delivers at least once brings a job again when it has run already, to another instance, and while replies and connections get lost. */
export default scenario({
  name: "delivered-twice",
  why: "A job that has finished on a node gets no second place there when it is delivered once more, whatever answer its client had got.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 4, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "deliver_twice", every: ms(40), holds: ms(100) },
    { kind: "dispatch", every: ms(200), holds: ms(150) },
  ],
  faults: [
    {
      kind: "reply_lost",
      at: seconds(0.8),
      lasts: ms(500),
      instances: [0],
      script: "complete_job",
      nth: 2,
      connection: "cut",
    },
    { kind: "command_repeated", at: seconds(0.6), lasts: ms(400), instances: [1], script: "reserve_job", nth: 2 },
    { kind: "redis_blackhole", at: seconds(2.6), lasts: ms(500), instances: [1], bytes: "lost" },
  ],
  always: ["J1", "J2", "J3", "V1", "V2", "F1", "K3", "S1", "S5", "L1", "D5", "D6"],
  sometimes: ["finished_job_refused", "reply_lost_after_commit", "degraded"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.3) } },
  duration: seconds(4.8),
});
