import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "rough-network",
  why: "Bytes that arrive in pieces, slowly, in one direction only or not at all change nothing but the time that calls take.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: { l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(25), holds: ms(150) },
    { kind: "reserve", every: ms(50), holds: ms(200) },
  ],
  faults: [
    { kind: "redis_sliced", at: ms(400), lasts: ms(400), bytes: 120, gap: ms(1) },
    { kind: "redis_bandwidth", at: ms(2_000), lasts: ms(400), kb_per_second: 2 },
    { kind: "redis_reset", at: ms(3_600), lasts: ms(400) },
    {
      ...{ kind: "redis_blackhole", at: ms(5_200), lasts: ms(400), instances: [0] },
      ...{ bytes: "lost", direction: "replies", link: "commands" },
    },
    {
      ...{ kind: "redis_latency", at: ms(5_200), lasts: ms(400), instances: [1] },
      ...{ adds: ms(60), direction: "requests" },
    },
  ],
  always: ["D1", "D2", "D5", "D6", "J1", "J2", "V1", "V2", "K3", "S1", "S5", "B2"],
  sometimes: ["degraded", "node_full"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(0.9) } },
  duration: seconds(6.9),
});
