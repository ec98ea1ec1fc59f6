import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Far more calls than may be in flight, over a network on which each takes a while; then Redis is slow, and then away for one instance. */
export default scenario({
  name: "overload",
  why: "However many calls its clients make, an instance sends no more than its bound, refuses the others at once, and goes on following the store.",
  topology: { instances: 2, nodes: 12, maxJobsPerNode: 4, partitions: 2 },
  network: [ms(0.5), ms(3)],
  settings: {
    maxCalls: 4,
    maxEntries: 6,
    l1Ttl: ms(800),
    missTtl: ms(300),
    pollInterval: ms(60),
    heartbeatTtl: seconds(2),
    sweepInterval: ms(200),
    dwellMax: ms(500),
  },
  load: [
    { kind: "reserve", every: ms(2), holds: ms(60) },
    { kind: "dispatch", every: ms(4), holds: ms(60) },
    { kind: "heartbeat", every: ms(3) },
    { kind: "read_each", every: ms(5) },
    { kind: "read", every: ms(20) },
    { kind: "read_missing", every: ms(6), among: 12 },
    { kind: "select", every: ms(10) },
    { kind: "go_offline", every: ms(400), from: ms(100), holds: ms(250) },
  ],
  faults: [
    { kind: "redis_latency", at: seconds(1), lasts: ms(800), adds: ms(8) },
    // Calls that fail leave room for others.
    { kind: "redis_blackhole", at: seconds(2.2), lasts: ms(200), bytes: "lost", instances: [0] },
  ],
  // O1 is not claimed: with so few entries an instance forgets which losses it has reported, and may report one again before it is acknowledged.
  always: ["K5", "J1", "J2", "V2", "S1", "D1", "H1", "M1"],
  sometimes: ["overloaded"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(4),
});
