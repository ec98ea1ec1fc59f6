/** A logarithmic axis of milliseconds, from 0.01 to the power of ten above the largest value and twice the budget. */
import { scaleLog } from "d3-scale";
import { budget } from "../../check/documented-settings.ts";

const floor = 0.01;

export interface LatencyScale {
  /** 0 at the floor, 1 at the ceiling. */
  at(milliseconds: number): number;
  /** The milliseconds at a share of the axis. */
  value(share: number): number;
  /** The powers of ten, both ends included. */
  readonly powers: readonly number[];
}

export function latencyScale(values: readonly number[]): LatencyScale {
  const highest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), budget * 2);
  const decades = Math.ceil(Math.log10(highest / floor));
  const scale = scaleLog([floor, floor * 10 ** decades], [0, 1]).clamp(true);
  return {
    at: (milliseconds) => scale(Math.max(floor, milliseconds)),
    value: (share) => scale.invert(share),
    powers: Array.from({ length: decades + 1 }, (_, index) => floor * 10 ** index),
  };
}
