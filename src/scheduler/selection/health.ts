/** How fit a node is for more work, from what it reports. */
import type { Metrics } from "../ports.ts";

/** Shares of the whole, of any sum above 0: what counts is their proportion. */
export type HealthWeights = Readonly<Record<keyof Metrics, number>>;

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
export const fullLoad: Readonly<Record<keyof Metrics, number>> = {
  cpu: 1,
  gpu: 1,
  memory: 1,
  load: 4,
  latency_ms: 1_000,
  error_rate: 1,
};

export const metricNames = ["cpu", "gpu", "memory", "load", "latency_ms", "error_rate"] as const;

/**
 * 1 is idle, 0 is spent: 1 − Σ weight × strain / Σ weight, where strain = reading / full strain, cut to [0, 1].
 * Total: a reading that is not a number counts as complete strain.
 * @returns in [0, 1]
 */
export function healthScore(metrics: Metrics, weights: HealthWeights = defaultWeights): number {
  let strain = 0;
  let whole = 0;
  for (const name of metricNames) {
    strain += weights[name] * strainOf(metrics[name], fullLoad[name]);
    whole += weights[name];
  }
  return clamp(1 - strain / whole);
}

/** The score in thousandths, as the store keeps it. */
export function healthMilli(metrics: Metrics, weights: HealthWeights = defaultWeights): number {
  return Math.round(healthScore(metrics, weights) * 1_000);
}

function strainOf(reading: number, full: number): number {
  return Number.isNaN(reading) ? 1 : clamp(reading / full);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
