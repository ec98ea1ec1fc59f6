import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** A node of each instance falls silent for good while its jobs run. Only sweeps at the default interval end their places. */
export default scenario({
  name: "silent-nodes",
  why: "A place whose lease ended is free again within a sweep, though no client ended its job and its node is not expired yet.",
  topology: { instances: 2, nodes: 4, maxJobsPerNode: 3, partitions: 2 },
  settings: { lease: ms(1_500) },
  load: [
    { kind: "read", every: ms(100) },
    { kind: "select", every: ms(100) },
    { kind: "heartbeat", every: ms(100) },
    { kind: "dispatch", every: ms(200), holds: seconds(60) },
    { kind: "reserve", every: ms(60), holds: seconds(3) },
    { kind: "fall_silent", every: seconds(1), from: ms(500), until: ms(1_500), holds: seconds(60) },
    { kind: "go_offline", every: seconds(1), from: seconds(4), until: seconds(7), holds: ms(300) },
  ],
  faults: [],
  always: ["J1", "J2", "J5", "V1", "V2", "S1"],
  sometimes: ["node_full"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(22), // a sweep that was missed holds places for most of a heartbeat TTL
});
