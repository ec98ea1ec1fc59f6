import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Heartbeats fail for twice their TTL; when the store is back, every node is overdue, and so is every lease. */
export default scenario({
  name: "redis-gone-long",
  why: "Nodes that keep sending heartbeats, and their jobs, outlive a Redis that was away for longer than every TTL.",
  gate: "systems", // no other of theirs meets N4, which our own meets in simulation
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(250) },
    ...{ heartbeatTtl: seconds(1.5), lease: seconds(1.5), sweepInterval: ms(150) },
  },
  load: [
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(200) }, // slower than the sweeps, so that the first one after the outage finds nodes overdue
    { kind: "dispatch", every: ms(250), holds: seconds(6) },
    { kind: "reserve", every: ms(100), holds: ms(300) },
  ],
  faults: [{ kind: "redis_refused", at: seconds(2), lasts: seconds(3.5) }],
  always: ["N4", "J1", "J2", "J5", "V1", "V2", "S1", "S5"],
  sometimes: ["degraded"],
  eventually: { V3: { within: seconds(1) }, D3: { within: seconds(1.5) } },
  duration: seconds(9),
});
