/** From rounds to a verdict. One round proves nothing: the median decides, and the spread is reported with it. */
import type { Cause } from "../../check/cause.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { Claim } from "../claims.ts";

export interface Round {
  /** As measured. */
  readonly value: number;
  /** The best value that is possible had no other process used the machine. */
  readonly best: number;
  /** The worst value that is possible had no other process used the machine during the peer's round; `value` where there is no peer. */
  readonly worst: number;
  /** The same figure of calls that have nothing of the scheduler in them, in the same round. */
  readonly bare?: number;
  /** How often the premise was met. */
  readonly exercised: number;
  /** The share of the machine that other processes had, 0 to 1. */
  readonly taken: number;
  /** The two parts of the ratio. */
  readonly ours?: number;
  readonly peers?: number;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Judged extends Spread {
  readonly verdict: Verdict;
  readonly rounds: number;
  readonly exercised: number;
  /** The largest share of the machine that other processes had in a round. */
  readonly taken: number;
  readonly ours?: Spread;
  readonly peers?: Spread;
  /** Why it is not held. */
  readonly reason?: string;
  /** Why it is open, for machines. */
  readonly cause?: Cause;
}

const leastRounds = 3;

/** Other processes explain a factor of three at most: a time beyond three times its threshold is the instance's own. */
const mostTaken = 2 / 3;

/** Entries that expire together make bursts of one and a half times the threshold, which a pause of the machine does not explain. */
const inStep = 2 / 3;

/** The part of a time, or of a rate, that remains when the possible cost of other processes is subtracted. @param taken 0 to 1 */
export function shareWithout(taken: number): number {
  return 1 - Math.min(taken, mostTaken);
}

const quieter = "run again with less beside it";

/**
 * Fewer than three rounds are `unknown`. So is a time, or a burst, that met its threshold in one round and missed it in others: the host of a virtual
 * machine may withhold a processor for some 10 ms at a time, which its kernel counts as run time. So is a time that misses its threshold by no more
 * than the machine is slower than the one that the threshold is for, or that calls without the scheduler miss on this machine too. So is a burst that is
 * larger by no more than the machine is slower, and smaller than that of entries in step.
 * @param slowness at least 1
 */
export function judge(claim: Claim, rounds: readonly Round[], slowness = 1): Judged {
  const figures = {
    ...spreadOf(rounds.map(({ value }) => value)),
    ...made("ours", rounds),
    ...made("peers", rounds),
    rounds: rounds.length,
    exercised: rounds.reduce((sum, { exercised }) => sum + exercised, 0),
    taken: Math.max(0, ...rounds.map(({ taken }) => taken)),
  };
  return { ...figures, ...conclude(claim, rounds, slowness) };
}

function conclude(
  claim: Claim,
  rounds: readonly Round[],
  slowness: number,
): Pick<Judged, "verdict" | "reason" | "cause"> {
  if (rounds.some(({ exercised }) => exercised === 0)) {
    return { verdict: "not_exercised", reason: `a round measured nothing: ${claim.what}`, cause: "not_exercised" };
  }
  if (rounds.length < leastRounds) {
    return { verdict: "unknown", reason: `${rounds.length} rounds were made, needed ${leastRounds}`, cause: "budget" };
  }
  if (meets(claim, medianOf(rounds.map(({ worst }) => worst)))) return { verdict: "held" };
  const found = foundText(claim, rounds);
  const best = medianOf(rounds.map((round) => round.best));
  if (!meets(claim, best)) {
    const mayBeOthers =
      (claim.unit === "ms" && meets(claim, best * shareWithout(1))) ||
      (claim.isBurst === true && meets(claim, best * inStep));
    const met = rounds.filter((round) => meets(claim, round.best)).length;
    // A slow machine handles what comes due in lumps. Entries in step make larger ones.
    const growsWithSlowness = claim.isBurst === true ? mayBeOthers : claim.unit === "ms" && claim.peer === undefined;
    if (growsWithSlowness && meets(claim, best / slowness)) {
      const pace = `this machine computes ${slowness.toFixed(1)} times slower than the one that the threshold is for`;
      return { verdict: "unknown", reason: `${found}, but ${pace}: run it on a faster one`, cause: "machine_load" };
    }
    const bare = medianOf(rounds.flatMap((round) => round.bare ?? []));
    if (claim.unit === "ms" && bare >= claim.threshold) {
      const machine = `bare PINGs at the same rate took ${Number(bare.toPrecision(4))} ms on this machine; ${quieter}`;
      return { verdict: "unknown", reason: `${found}, but ${machine}`, cause: "machine_load" };
    }
    if (!mayBeOthers || met === 0) return { verdict: "violated", reason: found };
    const reason = `${found}, but ${met} of ${rounds.length} rounds met it; ${quieter}`;
    return { verdict: "unknown", reason, cause: "machine_load" };
  }
  const others = Math.round(100 * Math.max(...rounds.map(({ taken }) => taken)));
  return {
    verdict: "unknown",
    reason: `${found}, but others had up to ${others} % of the machine; ${quieter}`,
    cause: "machine_load",
  };
}

/** `found` is not a number where nothing was measured: that never meets anything. */
export function meets(
  { direction, isStrict, threshold }: Pick<Claim, "direction" | "isStrict" | "threshold">,
  found: number,
): boolean {
  if (found === threshold) return isStrict !== true;
  return direction === "at_most" ? found < threshold : found > threshold;
}

function foundText({ direction, figure, isStrict, threshold }: Claim, rounds: readonly Round[]): string {
  const found = Number(medianOf(rounds.map(({ value }) => value)).toPrecision(4));
  const most = isStrict === true ? "less than" : "at most";
  return `${figure}: found ${found}, allowed ${direction === "at_most" ? most : "at least"} ${threshold}`;
}

function made(name: "ours" | "peers", rounds: readonly Round[]): Partial<Record<"ours" | "peers", Spread>> {
  const values = rounds.flatMap((round) => round[name] ?? []);
  return values.length === 0 ? {} : { [name]: spreadOf(values) };
}

function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), min: Math.min(...values), max: Math.max(...values) };
}

/** For an even number of values the mean of the middle two; for none, NaN. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
