import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Nodes leave while every answer is slow, and the server restarts with its data before any instance has read of it: its feed is gone, and the losses are kept. */
export default scenario({
  name: "losses-kept",
  why: "Jobs that lose their node just before a new epoch are reported to an instance, and once by each.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 4, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
    ...{ sweepInterval: ms(300) },
  },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(30) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(10), holds: ms(500) },
    { kind: "dispatch", every: ms(100), holds: ms(60) },
    { kind: "go_offline", every: ms(40), from: ms(300), holds: ms(150) },
  ],
  faults: [
    { kind: "redis_latency", at: ms(600), lasts: ms(600), adds: ms(15) },
    { kind: "redis_restart", at: ms(1_000), data: "kept" },
    { kind: "redis_latency", at: seconds(3), lasts: ms(600), adds: ms(15) },
    { kind: "redis_restart", at: seconds(3.4), data: "kept" },
  ],
  always: ["J1", "J2", "V1", "V2", "F1", "O1", "S1", "K3"],
  sometimes: ["new_epoch"],
  eventually: { V3: { within: seconds(1.2) }, D3: { within: seconds(1.5) } },
  duration: seconds(5.5),
});
