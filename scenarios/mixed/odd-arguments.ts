import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Each argument of each call at its limits, several times, beside the usual load; and while an instance closes. */
export default scenario({
  name: "odd-arguments",
  why: "The last value that is allowed is answered, the first that is not is refused before anything is sent, and settings likewise.",
  topology: { instances: 2, nodes: 6, maxJobsPerNode: 4, partitions: 2 },
  settings: {
    missTtl: ms(200),
    l1Ttl: ms(400),
    heartbeatTtl: seconds(1),
    sweepInterval: ms(200),
    retention: seconds(2),
  },
  load: [
    { kind: "odd_call", every: ms(10) },
    { kind: "read", every: ms(20) },
    { kind: "select", every: ms(20) },
    { kind: "heartbeat", every: ms(40) },
    { kind: "dispatch", every: ms(40), holds: ms(100) },
    { kind: "dispatch_again", every: ms(50), holds: ms(120) },
    { kind: "reserve", every: ms(40), holds: ms(100) },
    { kind: "put_config", every: ms(300) },
  ],
  faults: [
    { kind: "redis_latency", at: seconds(1), lasts: ms(300), adds: ms(4) },
    { kind: "instance_close", at: seconds(2), lasts: ms(200), instances: [1] },
  ],
  always: ["K7", "K6", "J1", "J2", "V1", "V2", "S1", "S5", "F1", "L1"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(3),
});
