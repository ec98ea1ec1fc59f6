/** How fit a node is for more work, from what it reports. */
import type { Metrics } from "./ports.ts";

/** Each reading becomes a share of strain in [0, 1]; the weights add up to 1.
 * Resource use counts most, since it predicts the next job's speed; errors count as much as any one resource. */
export const healthWeights: Readonly<Record<keyof Metrics, number>> = {
  cpu: 0.25,
  gpu: 0.2,
  memory: 0.15,
  load: 0.15,
  latency_ms: 0.1,
  error_rate: 0.15,
};

/** The reading at which strain is complete. cpu, gpu, memory and error_rate are shares; load is runnable work per core. */
export const fullStrain: Readonly<Record<keyof Metrics, number>> = {
  cpu: 1,
  gpu: 1,
  memory: 1,
  load: 4,
  latency_ms: 1_000,
  error_rate: 1,
};

export const metricNames = ["cpu", "gpu", "memory", "load", "latency_ms", "error_rate"] as const;

/** 1 is idle, 0 is spent. Total: a reading that is not a number counts as complete strain, anything else is cut to range.
 * @returns in [0, 1]
 */
export function healthScore(metrics: Metrics): number {
  let strain = 0;
  for (const name of metricNames) strain += healthWeights[name] * strainOf(metrics[name], fullStrain[name]);
  return clamp(1 - strain);
}

/** The score in thousandths, as the store keeps it. */
export function healthMilli(metrics: Metrics): number {
  return Math.round(healthScore(metrics) * 1_000);
}

function strainOf(reading: number, full: number): number {
  return Number.isNaN(reading) ? 1 : clamp(reading / full);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
