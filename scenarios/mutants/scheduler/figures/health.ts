/** Wrong schedulers whose health scores are not the documented function of the metrics, or that pay for an impossible metric with more than that metric. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(id: string, origin: string, edit: SchedulerMutant["edits"][number]): SchedulerMutant {
  return { id, origin, scenario: "hostile-input", simulated: "hostile-input", property: "H1", edits: [edit] };
}

export const healthMutants: readonly SchedulerMutant[] = [
  mutant(
    "impossible-metric-refused",
    "arguments are checked by one rule: a heartbeat with a wrong one is refused whole",
    {
      file: "input.ts",
      find: "    else onImpossible(name, found(metric));",
      replace: `    else {
      const allowed = \`a number from 0 to \${maxMetric}\`;
      throw new InvalidInputError({ where: name, found: found(metric), allowed, fix: "give a number in range" });
    }`,
    },
  ),
  mutant("impossible-metric-cut", "what is out of range is cut to the range, and what is no number counts as 0", {
    file: "input.ts",
    find: "    else onImpossible(name, found(metric));",
    replace: "    else metrics[name] = Math.min(maxMetric, Math.max(0, metric || 0));",
  }),
  mutant(
    "unknown-metric-counts-as-idle",
    "a metric that is not known adds no strain, and its weight stays in the sum",
    {
      file: "selection/health.ts",
      find: "    if (metric === null) continue;\n",
      replace: `    if (metric === null) {
      whole += weights[name];
      continue;
    }
`,
    },
  ),
  mutant("weights-not-normalised", "the sum of the weights is 1 by default, so it looks superfluous to divide by it", {
    file: "selection/health.ts",
    find: "1 - strain / whole",
    replace: "1 - strain",
  }),
  mutant("latency-in-seconds", "the latency is taken for seconds, as in the metrics that are exported", {
    file: "selection/health.ts",
    find: "  latency_ms: 1_000,",
    replace: "  latency_ms: 1,",
  }),
];
