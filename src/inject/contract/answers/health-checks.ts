/** Claims about the health score that a heartbeat carries: the documented function of its metrics, by whichever weights are set. */
import type { InstanceCheck } from "../instance/check.ts";

const onlyLoad = { cpu: 0, gpu: 0, memory: 0, load: 3, latency_ms: 0, error_rate: 0 };
const cpuAndLoad = { ...onlyLoad, cpu: 1 };
const unset = undefined;

/** Weights, metrics, and thousandths of the score, computed by hand from docs/protocol.md, section 7. */
const scores: readonly (readonly [weights: typeof onlyLoad | undefined, metrics: object, health_milli: number])[] = [
  [unset, {}, 500],
  [unset, { cpu: 0.5 }, 500],
  [unset, { cpu: 0 }, 1_000],
  [unset, { cpu: 1 }, 0],
  // A reading above the full value counts as full.
  [unset, { cpu: 7, gpu: 0 }, 444],
  [unset, { load: 400, latency_ms: 0 }, 400],
  [unset, { latency_ms: 250 }, 750],
  [unset, { load: 1 }, 750],
  [unset, { cpu: 0.1234 }, 877],
  [unset, { cpu: 0.1237 }, 876],
  [unset, { cpu: 0.2, gpu: 0.4, memory: 0.6, load: 2, latency_ms: 500, error_rate: 0 }, 655],
  [onlyLoad, { cpu: 1, load: 1 }, 750],
  [onlyLoad, { cpu: 1 }, 500],
  [cpuAndLoad, { cpu: 1, load: 0 }, 750],
  [unset, { latency_ms: 1_000_000_000, cpu: 0 }, 714],
];

const impossible: readonly (readonly [metric: unknown, found: string])[] = [
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [-0.1, "-0.1"],
  [1_000_000_001, "1000000001"],
  ["0.5", '"0.5"'],
];

export const healthChecks: readonly InstanceCheck[] = [
  {
    id: "health-scored",
    property: "H1",
    claim:
      "a heartbeat carries the documented score of its metrics, and says of an impossible one that it goes without it",
    async perform(makeStage, compare) {
      let seq = 0;
      for (const [healthWeights, metrics, allowed] of scores) {
        const stage = makeStage(healthWeights === undefined ? {} : { healthWeights });
        await stage.start();
        seq += 1;
        await stage.clock.until(
          stage.scheduler.heartbeat({ node: "n", incarnation: "a:1", seq, metrics, running: [] }),
        );
        const found = stage.store.requests("heartbeat").map(({ health_milli }) => health_milli);
        const what = `${JSON.stringify(metrics)}${healthWeights === undefined ? "" : `, ${JSON.stringify(healthWeights)}`}`;
        compare.same(what, found, [allowed]);
      }
      const stage = makeStage();
      await stage.start();
      for (const [cpu, found] of impossible) {
        stage.forget();
        const metrics = { cpu: cpu as number, gpu: 1 };
        const beat = { node: "n", incarnation: "a:1", seq: 1, metrics, running: [] };
        const { kind } = await stage.clock.until(stage.scheduler.heartbeat(beat));
        const sent = stage.store.requests("heartbeat").map(({ health_milli }) => health_milli);
        compare.same(`cpu ${found}`, [kind, sent], ["renewed", [0]]);
        const event = { kind: "impossible_metric", node: "n", metric: "cpu", found };
        compare.same(`cpu ${found}: the event`, stage.events("impossible_metric"), [event]);
      }
    },
  },
];
