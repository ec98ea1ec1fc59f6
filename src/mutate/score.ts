/** The mutation score: which share of the mutants the gate kills. Equivalent mutants, and those that are no program, do not count. */
import type { Outcome, OutcomeKind } from "./outcome.ts";

export interface Score {
  readonly counts: Readonly<Record<OutcomeKind, number>>;
  /** Mutants that count. */
  readonly judged: number;
  /** 0 to 1; null: none counts. */
  readonly share: number | null;
}

export function scoreOf(outcomes: readonly Outcome[]): Score {
  const count = (kind: OutcomeKind): number => outcomes.filter((one) => one.kind === kind).length;
  const counts = {
    killed: count("killed"),
    survived: count("survived"),
    no_coverage: count("no_coverage"),
    equivalent: count("equivalent"),
    broken: count("broken"),
  };
  const judged = counts.killed + counts.survived + counts.no_coverage;
  return { counts, judged, share: judged === 0 ? null : counts.killed / judged };
}

export interface Interval {
  readonly least: number;
  readonly most: number;
}

/** The two-sided quantile of the normal distribution for 95 %. */
const z = 1.959_964;

/**
 * Wilson's interval for the share of all mutants, at 95 %, with the correction for a finite population: a sample of all is exact. Strata make a sample
 * more exact than that, never less.
 * @param all mutants from which the sample was drawn
 */
export function intervalOf({ counts, judged, share }: Score, all: number): Interval {
  if (share === null) return { least: 0, most: 1 };
  const sampled = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (sampled >= all) return { least: share, most: share };
  const correction = (all - sampled) / Math.max(1, all - 1);
  const spread = (z * z * correction) / judged;
  const centre = (share + spread / 2) / (1 + spread);
  const half = Math.sqrt(spread * share * (1 - share) + (spread * spread) / 4) / (1 + spread);
  return { least: Math.max(0, centre - half), most: Math.min(1, centre + half) };
}
