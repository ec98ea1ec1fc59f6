import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Each instance notices the fault by its writes, and the end of the fault only by its own polling. */
export default scenario({
  name: "rare-questions",
  why: "However seldom an instance polls in mode normal, it probes soon, and often, once a call has failed.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 3, partitions: 2 },
  settings: {
    ...{ l1Ttl: ms(100), missTtl: ms(100), l2Ttl: seconds(6), dwellMax: ms(500) },
    ...{ pollInterval: seconds(3), pulseInterval: seconds(3) },
  },
  load: [
    { kind: "select", every: ms(40) },
    { kind: "heartbeat", every: ms(30) },
    { kind: "dispatch", every: ms(60), holds: ms(150) },
  ],
  faults: [{ kind: "redis_blackhole", at: ms(800), lasts: ms(400), bytes: "held" }],
  always: ["J1", "V1", "V2", "K3", "S5", "F1", "D5", "D6"],
  sometimes: ["degraded"],
  eventually: { D3: { within: seconds(1.2) }, V3: { within: seconds(1) } },
  duration: seconds(3.5),
});
