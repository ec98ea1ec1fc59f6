/** How much a verify does, and for how long at most. */

interface Profile {
  /** Of the canary; it ends at the first failure. */
  readonly canaryRuns: number;
  /** Of conform, a round. */
  readonly conformRuns: number;
  /** Each round runs every step on another seed; the first is owed, the others are done while the budget lasts. */
  readonly rounds: number;
  /** Milliseconds. */
  readonly budget: number;
}

export const profileNames = ["quick", "full", "soak"] as const;
export type ProfileName = (typeof profileNames)[number];

const second = 1_000;
const minute = 60 * second;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  // Two minutes are promised on two cores; the rest is for starting, stopping and the report.
  quick: { canaryRuns: 200, conformRuns: 300, rounds: 1, budget: 110 * second },
  full: { canaryRuns: 200, conformRuns: 2_000, rounds: 5, budget: 30 * minute },
  soak: { canaryRuns: 200, conformRuns: 2_000, rounds: Number.POSITIVE_INFINITY, budget: 8 * 60 * minute },
};
