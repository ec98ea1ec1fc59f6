import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/**
 * Nodes fall silent for longer than a lease and for less than their TTL: the jobs that they named lose their places, and the nodes stay. One of each instance
 * never comes back, and those that arrive send no heartbeat. Without a fault, so that instances have to know who has come and gone.
 */
export default scenario({
  name: "leases-end",
  why: "A place is free again soon after its lease, and not before: a node whose jobs have lapsed takes others, and a longer lease that was asked for is kept.",
  gate: "systems", // no other of theirs lets leases end, which our own meets in simulation
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 3, maxJobsOnReturn: 1, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(1), pollInterval: ms(200), dwellMax: ms(500) },
    ...{ lease: ms(300), sweepInterval: ms(50), heartbeatTtl: seconds(3.4) },
  },
  load: [
    { kind: "read", every: ms(40) },
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(20) },
    { kind: "reserve", every: ms(60), holds: seconds(3) },
    { kind: "dispatch", every: ms(200), holds: ms(200) },
    { kind: "deliver_twice", every: ms(150), holds: ms(100) },
    { kind: "finish_and_return", every: ms(700), from: ms(800), holds: ms(2_600) },
    { kind: "fall_silent", every: ms(400), until: ms(400), holds: seconds(20) },
    { kind: "arrive", every: seconds(2.4), from: ms(400), holds: seconds(1.2) }, // longer than a miss mark and the staleness, also on a busy machine
  ],
  faults: [],
  always: ["J1", "J2", "J4", "J5", "V1", "V2", "S1", "L1"],
  sometimes: ["node_full", "lease_ended", "registered_again", "leased_as_asked"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(8.5),
});
