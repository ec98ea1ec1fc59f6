import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** More is asked of an instance than it may have in flight, for as long as the store is slow. What is refused has certainly not happened. */
export default scenario({
  name: "too-many-calls",
  why: "An instance with all of its calls in flight refuses further ones at once, answers every read, and counts no job that it refused.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 4, partitions: 2 },
  settings: {
    maxCalls: 8,
    l1Ttl: ms(100),
    missTtl: ms(50),
    l2Ttl: seconds(2),
    pollInterval: ms(200),
    dwellMax: ms(500),
  },
  load: [
    { kind: "read", every: ms(5) },
    { kind: "read_missing", every: ms(7), among: 40 },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(8) },
    { kind: "dispatch", every: ms(10), holds: ms(60) },
    { kind: "reserve", every: ms(6), holds: ms(60) },
  ],
  faults: [{ kind: "redis_latency", at: ms(500), lasts: seconds(1), adds: ms(12) }],
  always: ["D1", "J1", "J2", "V1", "V2", "F1", "K3", "K5", "M1", "S1", "S5"],
  sometimes: ["overloaded", "node_full"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(2.5),
});
