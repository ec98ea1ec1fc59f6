import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "reply-lost",
  why: "A write that Redis ran and that got no reply is repeated under the same id, and nothing is counted twice.",
  gate: "quick",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(30), holds: ms(120) },
  ],
  faults: [
    {
      kind: "reply_lost",
      at: seconds(0.5),
      lasts: ms(300),
      instances: [0],
      script: "reserve_job",
      nth: 2,
      connection: "cut",
    },
    {
      kind: "reply_lost",
      at: seconds(0.9),
      lasts: ms(600),
      instances: [1],
      script: "complete_job",
      nth: 2,
      connection: "silent",
    },
    {
      kind: "reply_lost",
      at: seconds(2.3),
      lasts: ms(600),
      instances: [0],
      script: "reserve_job",
      nth: 3,
      connection: "silent",
    },
    {
      kind: "reply_lost",
      at: seconds(3),
      lasts: ms(700),
      instances: [1],
      script: "release_job",
      nth: 1,
      connection: "cut",
    },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "J3", "V1", "V2", "K3", "S1", "S5", "B2", "L1"],
  sometimes: ["reply_lost_after_commit", "degraded", "node_full"],
  eventually: { D3: { within: seconds(1.2) }, V3: { within: seconds(1) } },
  duration: seconds(5.2),
});
