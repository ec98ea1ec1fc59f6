import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** More jobs run on a node than one call of a heartbeat names, so each heartbeat takes several. The jobs of every call have to outlive their first leases. */
export default scenario({
  name: "crowded-nodes",
  why: "A node keeps the places of all jobs that its heartbeats name, however many they are, and learns which have none.",
  topology: { instances: 2, nodes: 1, maxJobsPerNode: 1_500, partitions: 1 },
  swarm: { maxJobsPerNode: [1_100, 2_000] },
  settings: { lease: ms(900), sweepInterval: ms(100), heartbeatTtl: seconds(2), l1Ttl: ms(500), missTtl: ms(500) },
  load: [
    { kind: "reserve", every: ms(0.9), until: seconds(1), holds: ms(1_150) },
    { kind: "heartbeat", every: ms(120), instances: [0] },
    { kind: "bad_heartbeat", every: ms(310), instances: [0] },
    { kind: "select", every: ms(50) },
    { kind: "read", every: ms(20) },
  ],
  faults: [],
  always: ["J1", "J2", "J5", "V1", "V2", "F1", "S1"],
  sometimes: ["long_list_named"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(1.4),
});
