/** The verdicts of a check, and how several become one. */

/**
 * Worst first: a violation is never masked by a broken run, nor a broken run by an inconclusive one.
 * `unknown`: ran out of time or memory. `not_exercised`: its premise was never met. `stale`: a plan that no longer reaches its fault.
 */
export const verdicts = ["violated", "broken", "stale", "unknown", "not_exercised", "held"] as const;

export type Verdict = (typeof verdicts)[number];

/** The verdict of the whole: the worst of its parts; of nothing, `not_exercised`. */
export function joinVerdicts(parts: Iterable<Verdict>): Verdict {
  const seen = new Set(parts);
  return verdicts.find((verdict) => seen.has(verdict)) ?? "not_exercised";
}

export const exitCodes = { held: 0, violated: 1, inconclusive: 2, broken: 3, usage: 64 } as const;

export function exitCodeOf(verdict: Verdict): number {
  if (verdict === "held") return exitCodes.held;
  if (verdict === "violated") return exitCodes.violated;
  if (verdict === "broken") return exitCodes.broken;
  return exitCodes.inconclusive;
}
