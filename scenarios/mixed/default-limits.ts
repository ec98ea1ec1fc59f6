import { scenario } from "../declare/declare.ts";
import { ms, seconds } from "../declare/units.ts";

/** Nothing is set. A peak of calls meets the bound on calls in flight; then the store cannot say for longer than `l2Ttl` where it is, and answers all the same. */
export default scenario({
  name: "default-limits",
  why: "An instance that sets nothing has as many calls in flight as documented, and trusts what it holds for as long as documented.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 20, partitions: 2 },
  load: [
    { kind: "read", every: ms(500) },
    { kind: "select", every: ms(500) },
    { kind: "heartbeat", every: ms(500) },
    { kind: "dispatch", every: seconds(1), holds: ms(400) },
    { kind: "reserve", every: ms(0.008), from: seconds(1), until: seconds(1.02), holds: ms(400) },
  ],
  faults: [
    { kind: "redis_latency", at: ms(900), lasts: ms(400), adds: ms(8) },
    { kind: "wrong_type", at: seconds(3), lasts: seconds(40), key: "meta" },
    { kind: "instance_close", at: seconds(45), lasts: ms(200), instances: [1] },
  ],
  always: ["K5", "D5"],
  sometimes: ["overloaded", "refused_by_redis", "degraded"],
  eventually: { V3: { within: seconds(1) } },
  duration: seconds(46),
});
