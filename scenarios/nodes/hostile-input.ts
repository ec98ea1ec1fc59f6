import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

export default scenario({
  name: "hostile-input",
  why: "Ids made of braces, patterns, line ends and null bytes are ids like any other, and readings that cannot be change nothing.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 2, partitions: 3 },
  settings: { missTtl: ms(300), heartbeatTtl: seconds(1), sweepInterval: ms(200), retention: seconds(2) },
  load: [
    { kind: "odd_id", every: ms(200), from: ms(400), holds: ms(300) },
    { kind: "odd_job", every: ms(70), holds: ms(150) },
    { kind: "bad_heartbeat", every: ms(90) },
    { kind: "heartbeat", every: ms(60) },
    { kind: "select", every: ms(60) },
    { kind: "dispatch", every: ms(80), holds: ms(200) },
    { kind: "reserve", every: ms(50), holds: ms(300) },
  ],
  faults: [{ kind: "redis_latency", at: seconds(2), lasts: ms(500), adds: ms(8) }],
  always: ["J1", "J2", "V1", "V2", "N3", "S1", "S2", "F1", "C2", "B2", "H1"],
  sometimes: [
    ...(["missing_looked_up", "impossible_metric_sent"] as const),
    ...(["shortest_id", "longest_id", "id_of_wide_characters"] as const),
  ],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(4),
});
