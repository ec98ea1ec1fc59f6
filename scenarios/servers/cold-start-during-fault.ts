import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "cold-start-during-fault",
  why: "An instance that starts while Redis is slow, silent or refusing is ready once it has everything, and never with half of it.",
  topology: { instances: 2, nodes: 12, maxJobsPerNode: 3, partitions: 3 },
  settings: { l1Ttl: ms(500), missTtl: ms(300), l2Ttl: seconds(2), dwellMax: ms(800) },
  load: [
    { kind: "read", every: ms(40) },
    { kind: "select", every: ms(60) },
    { kind: "heartbeat", every: ms(80) },
    { kind: "dispatch", every: ms(90), holds: ms(300) },
    { kind: "reserve", every: ms(20), holds: ms(400) },
    { kind: "go_offline", every: ms(500), holds: ms(700), instances: [1] },
  ],
  faults: [
    { kind: "instance_crash", at: seconds(1), lasts: ms(300), instances: [0] },
    { kind: "redis_latency", at: ms(1_200), lasts: ms(800), adds: ms(200), instances: [0] },
    { kind: "instance_crash", at: seconds(3), lasts: ms(300), instances: [1] },
    { kind: "redis_blackhole", at: ms(3_200), lasts: ms(600), bytes: "lost", instances: [1] },
    { kind: "instance_crash", at: seconds(5), lasts: ms(300), instances: [0] },
    { kind: "redis_refused", at: ms(5_200), lasts: ms(600), instances: [0] },
    // Once all are there again, so that what an instance does while Redis is slow is seen too.
    { kind: "redis_latency", at: ms(6_900), lasts: ms(400), adds: ms(8) },
  ],
  always: ["J1", "J2", "V1", "V2", "N2", "K3", "S1", "S5", "B2"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(8),
});
