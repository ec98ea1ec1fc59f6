import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** There is no polling, so every request is due to an expired entry. */
export default scenario({
  name: "avalanche",
  why: "Hundreds of nodes that registered together, and answers that were cached together, do not expire together.",
  gate: "quick",
  topology: { instances: 2, nodes: 500, maxJobsPerNode: 1, partitions: 4 },
  settings: {
    heartbeatTtl: seconds(2.8),
    l1Ttl: seconds(1),
    missTtl: ms(500),
    writeDeadline: ms(500),
    pollInterval: seconds(5),
    pulseInterval: seconds(5),
    sweepInterval: ms(50),
    localOnlyAfter: seconds(30),
  },
  load: [
    { kind: "read_each", every: ms(0.6), until: seconds(2.2), among: 200 },
    { kind: "select", every: ms(20) },
  ],
  faults: [],
  always: ["C1", "S3", "B2"],
  sometimes: ["node_expired"],
  duration: seconds(3.5),
});
