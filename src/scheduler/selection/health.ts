/** How fit a node is for more work, from what it reports. */

import type { MetricName, Metrics } from "../../protocol/node.ts";
import { metricNames } from "../ports.ts";

/** Shares of the whole, of any sum above 0: what counts is their proportion. */
export type HealthWeights = Readonly<Record<MetricName, number>>;

/** Resource use counts most, since it predicts the next job's speed; errors count as much as any one resource. */
export const defaultWeights: HealthWeights = {
  cpu: 0.25,
  gpu: 0.2,
  memory: 0.15,
  load: 0.15,
  latency_ms: 0.1,
  error_rate: 0.15,
};

/** The reading at which strain is complete. cpu, gpu, memory and error_rate are shares; load is runnable work per core. */
export const fullLoad: Readonly<Record<MetricName, number>> = {
  cpu: 1,
  gpu: 1,
  memory: 1,
  load: 4,
  latency_ms: 1_000,
  error_rate: 1,
};

/** The score where nothing that counts is known, as after a registration. */
const unknownHealth = 0.5;

/**
 * 1 is idle, 0 is spent: 1 − Σ weight × strain / Σ weight over the metrics that are known, where strain = metric / full load, at most 1.
 * @param metrics none of them below 0
 * @returns in [0, 1]
 * @see docs/protocol.md, section 7
 */
export function healthScore(metrics: Metrics, weights: HealthWeights = defaultWeights): number {
  let strain = 0;
  let whole = 0;
  for (const name of metricNames) {
    const metric = metrics[name];
    if (metric === null) continue;
    strain += weights[name] * Math.min(1, metric / fullLoad[name]);
    whole += weights[name];
  }
  return whole === 0 ? unknownHealth : Math.max(0, 1 - strain / whole);
}

/** The score in thousandths, as the store keeps it. */
export function healthMilli(metrics: Metrics, weights: HealthWeights = defaultWeights): number {
  return Math.round(healthScore(metrics, weights) * 1_000);
}
