/** How much each profile of `verify` runs, and for how long at most. */
import type { ExploreChoice } from "./layers.ts";

interface Profile {
  /** Most runs of the canary, which ends at the first failure. */
  readonly canaryRuns: number;
  /** The models and scopes of explore. */
  readonly explored: readonly ExploreChoice[];
  /** Runs of conform in a round. */
  readonly conformRuns: number;
  /** Seeds of each simulated scenario in a round, by whether its faults are declared or drawn. */
  readonly simulatedSeeds: { readonly declared: number; readonly drawn: number };
  /** Lockstep runs: the scenarios, and the seeds of each in a round. */
  readonly lockstep: { readonly scenarios: readonly string[]; readonly seeds: number };
  /** How long all simulated failures together may be shrunk, in milliseconds: a system that breaks many promises is to be judged by all of them. */
  readonly shrinkFor: number;
  /** Whether scheduler mutants are simulated until they are killed. */
  readonly mutants: boolean;
  /** Each round runs every step on another seed. The first is required, the others run while the budget lasts. */
  readonly rounds: number;
  /** Milliseconds. */
  readonly budget: number;
}

export const profileNames = ["quick", "full", "soak"] as const;
export type ProfileName = (typeof profileNames)[number];

const second = 1_000;
const minute = 60 * second;

const shared = { threads: 2, memoryMb: 2_048, symmetry: false } as const;
/** Explore has one of two cores, the other steps of a quick round have the other. */
const exploredBeside: readonly ExploreChoice[] = [
  { model: "job-store", ...shared, threads: 1 },
  { model: "system", ...shared, threads: 1 },
];
const explored: readonly ExploreChoice[] = [
  { model: "job-store", ...shared },
  { model: "system", ...shared },
];
/** Takes a minute more on two cores: two of everything, groups of calls, and a replica that lags. */
const exploredWide: readonly ExploreChoice[] = [
  ...explored,
  { model: "system", ...shared, scope: "groups" },
  { model: "system", ...shared, scope: "replica" },
  { model: "system", ...shared, scope: "standard", symmetry: true },
];
/** Takes some minutes more: two messages in flight at a time. */
const exploredWhole: readonly ExploreChoice[] = [
  ...exploredWide,
  { model: "system", ...shared, scope: "full", symmetry: true, memoryMb: 4_096 },
];

/** They cover most kinds of answers in few commands, refusals, finished jobs and a Cluster. A seed takes about 3 s, a command on both sides about 1 ms. */
const lockstep = {
  scenarios: ["random-nemesis", "redis-refuses", "delivered-twice", "slot-migration"],
  seeds: 3,
} as const;

/** The scenarios of charged runs: a slow store, and drawn faults of every kind. */
export const charged = { scenarios: ["redis-slow", "random-nemesis"], seeds: { quick: 3, full: 20 } } as const;

/** The size of a round: a slow machine ends the first in time, a quick one makes more rounds. */
const manySeeds = { declared: 10, drawn: 150 } as const;
const manyRuns = 1_000;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  // It takes three minutes on two quiet cores, and longer on slow ones; what is left is for repeats.
  quick: {
    canaryRuns: 200,
    explored: exploredBeside,
    conformRuns: 100,
    simulatedSeeds: { declared: 2, drawn: 20 },
    lockstep: { scenarios: [], seeds: 0 },
    shrinkFor: 20 * second,
    mutants: false,
    rounds: 1,
    budget: 5 * minute,
  },
  full: {
    canaryRuns: 200,
    explored: exploredWide,
    conformRuns: manyRuns,
    simulatedSeeds: manySeeds,
    lockstep,
    shrinkFor: 2 * minute,
    mutants: true,
    rounds: 10,
    // Repeats of what a busy machine left open must not take the bench's time.
    budget: 24 * minute,
  },
  soak: {
    canaryRuns: 200,
    explored: exploredWhole,
    conformRuns: manyRuns,
    simulatedSeeds: manySeeds,
    lockstep,
    shrinkFor: 10 * minute,
    mutants: true,
    rounds: Number.POSITIVE_INFINITY,
    budget: 8 * 60 * minute,
  },
};
