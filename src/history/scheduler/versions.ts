/**
 * Versions narrow the time within which a call can have taken effect: of two calls about one node, the one with the smaller version of an epoch came first.
 * So the search has less to try. They allow nothing that times alone do not.
 */
import type { StoredCall } from "./calls.ts";

export interface VersionTimes {
  readonly call: Float64Array;
  readonly returned: Float64Array;
  /** A call that had returned before another one with a smaller version began; null: there is none. */
  readonly contradiction: { readonly before: StoredCall; readonly after: StoredCall } | null;
}

export function timesByVersions(calls: readonly StoredCall[]): VersionTimes {
  const call = Float64Array.from(calls, (one) => one.call);
  const returned = Float64Array.from(calls, (one) => one.returned);
  const versioned = Array.from(calls.keys()).filter((index) => calls[index]?.version !== null);
  const epochs = Map.groupBy(versioned, (index) => calls[index]?.version?.epoch ?? "");
  for (const own of epochs.values()) {
    const steps = stepsOf(calls, own);
    let latest: StoredCall | null = null;
    for (const step of steps) {
      const from: number = latest?.call ?? Number.NEGATIVE_INFINITY;
      for (const index of step) call[index] = Math.max(call[index] as number, from);
      for (const index of step)
        if (latest === null || (calls[index]?.call ?? 0) > latest.call) latest = calls[index] ?? latest;
    }
    let earliest: StoredCall | null = null;
    for (const step of steps.toReversed()) {
      const until: number = earliest?.returned ?? Number.POSITIVE_INFINITY;
      for (const index of step) {
        if (earliest !== null && (calls[index]?.call ?? 0) > until) {
          return { call, returned, contradiction: { before: earliest, after: calls[index] as StoredCall } };
        }
        returned[index] = Math.min(returned[index] as number, until);
      }
      for (const index of step) {
        if (earliest === null || (calls[index]?.returned ?? 0) < earliest.returned) earliest = calls[index] ?? earliest;
      }
    }
  }
  return { call, returned, contradiction: null };
}

/** The calls of one epoch in the order of their versions; those of the same version together. */
function stepsOf(calls: readonly StoredCall[], own: readonly number[]): readonly (readonly number[])[] {
  const bySequence = Map.groupBy(own, (index) => calls[index]?.version?.sequence ?? 0);
  return [...bySequence].sort(([a], [b]) => a - b).map(([, step]) => step);
}
