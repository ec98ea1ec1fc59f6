/** How much a verify does, and for how long at most. */
import type { ExploreChoice } from "./layers.ts";

interface Profile {
  /** Of the canary; it ends at the first failure. */
  readonly canaryRuns: number;
  /** Models and scopes. */
  readonly explored: readonly ExploreChoice[];
  /** Of conform, a round. */
  readonly conformRuns: number;
  /** Of every scenario that is simulated, a round; of those whose faults are drawn, `drawn`. */
  readonly simulatedSeeds: { readonly declared: number; readonly drawn: number };
  /** Simulated schedules that are run on real servers too: so many seeds of each of these, a round. */
  readonly lockstep: { readonly scenarios: readonly string[]; readonly seeds: number };
  /** Whether wrong schedulers are simulated too, each until it is caught. */
  readonly mutants: boolean;
  /** Whether the contract of the store's ports is checked. */
  readonly contract: boolean;
  /** Each round runs every step on another seed; the first is owed, the others are done while the budget lasts. */
  readonly rounds: number;
  /** Milliseconds. */
  readonly budget: number;
}

export const profileNames = ["quick", "full", "soak"] as const;
export type ProfileName = (typeof profileNames)[number];

const second = 1_000;
const minute = 60 * second;

const shared = { threads: 2, memoryMb: 2_048, symmetry: false } as const;
/** Beside what else a quick round does: the one core goes to this, the other to that. */
const exploredBeside: readonly ExploreChoice[] = [
  { model: "job-store", ...shared, threads: 1 },
  { model: "system", ...shared, threads: 1 },
];
const explored: readonly ExploreChoice[] = [
  { model: "job-store", ...shared },
  { model: "system", ...shared },
];
/** A minute more on two cores: two of everything, and a replica that lags. */
const exploredWide: readonly ExploreChoice[] = [
  ...explored,
  { model: "system", ...shared, scope: "replica" },
  { model: "system", ...shared, scope: "standard", symmetry: true },
];
/** Some minutes more: two messages on their way at a time. */
const exploredWhole: readonly ExploreChoice[] = [
  ...exploredWide,
  { model: "system", ...shared, scope: "full", symmetry: true, memoryMb: 4_096 },
];

/** The most kinds of answers in the fewest commands; refusals; jobs that had finished; a Cluster. Some 3 s a seed, since a command of both worlds takes about 1 ms. */
const lockstep = {
  scenarios: ["random-nemesis", "redis-refuses", "delivered-twice", "slot-migration"],
  seeds: 3,
} as const;

/** Where what instances compute takes virtual time: a store that answers late, and everything. */
export const charged = { scenarios: ["redis-slow", "random-nemesis"], seeds: { quick: 3, full: 20 } } as const;

const manySeeds = { declared: 20, drawn: 300 } as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  // Two minutes are promised on two cores; the rest is for starting, stopping and the report.
  quick: {
    canaryRuns: 200,
    explored: exploredBeside,
    conformRuns: 100,
    simulatedSeeds: { declared: 2, drawn: 20 },
    lockstep: { scenarios: [], seeds: 0 },
    mutants: false,
    contract: false,
    rounds: 1,
    budget: 115 * second,
  },
  full: {
    canaryRuns: 200,
    explored: exploredWide,
    conformRuns: 2_000,
    simulatedSeeds: manySeeds,
    lockstep,
    mutants: true,
    contract: true,
    rounds: 5,
    // Twenty are promised.
    budget: 19 * minute,
  },
  soak: {
    canaryRuns: 200,
    explored: exploredWhole,
    conformRuns: 2_000,
    simulatedSeeds: manySeeds,
    lockstep,
    mutants: true,
    contract: true,
    rounds: Number.POSITIVE_INFINITY,
    budget: 8 * 60 * minute,
  },
};
