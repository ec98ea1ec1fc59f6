/** A claim about the metrics of a heartbeat: how they are written. */
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout, inWords, register } from "../world.ts";

const unknown = { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };

/** With the value that is kept: the protocol has six decimals, and no exponent. */
const values: readonly (readonly [given: number, kept: number])[] = [
  [0, 0],
  [1e-7, 0],
  [0.000_001_4, 0.000_001],
  [0.1 + 0.2, 0.3],
  [123_456_789.654_321, 123_456_789.654_321],
  [1e9, 1e9],
];

export const metricChecks: readonly ContractCheck[] = [
  {
    id: "metrics-written",
    property: "H1",
    claim: "a metric of any size that is allowed is taken, and kept to six decimals",
    async run(world) {
      const compare = new Comparisons();
      const store = await world.store();
      const registration = await register(store);
      const incarnation = "incarnation" in registration ? (registration.incarnation ?? "") : "";
      const sender = { partition: 0, node: "n1", incarnation, chunk: 0, ttl: 60_000, lease: 60_000 };
      for (const [index, [given, kept]] of values.entries()) {
        const beat = {
          ...sender,
          seq: index,
          health_milli: 500,
          metrics: { ...unknown, error_rate: given },
          running: [],
        };
        compare.same(`${given}: heartbeat`, inWords(await store.heartbeat(beat, callTimeout)), "renewed");
        const stored = await world.redis.ask("HGET", "lp:{p0}:node:n1", "metrics");
        compare.same(`${given}: metrics`, stored, `${"$"}${JSON.stringify({ error_rate: kept })}`);
      }
      return compare.found;
    },
  },
];
