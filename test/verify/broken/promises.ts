/** Schedulers that break one promise each, and one that breaks all of these at once: the gate has to name every one. */
import type { SchedulerMutant } from "../../../scenarios/mutants/scheduler/mutant.ts";
import { findSchedulerMutant } from "../../../src/mutants/schedulers.ts";

/** The promise in words, and the mutant that breaks it. */
const brokenBy: Readonly<Record<string, string>> = {
  "a selection returns nodes of another pool": "named-pool-ignored",
  "a selection leaves out eligible nodes": "last-place-kept-free",
  "a configuration that replaces another is never in force": "first-configuration-kept",
  "a dispatch gives up after one refusal": "first-candidate-only",
  "a health score is not the documented function": "weights-not-normalised",
  "a node expires after an outage": "no-grace-after-a-gap",
  "orphaned jobs are never called back": "orphan-callbacks-never",
  "a heartbeat shortens leases": "renewed-for-the-heartbeat-ttl",
  "close leaves a timer": "timer-left",
};

/** Figures that are changed without a word. */
const changedFigures = [
  ...(["reads-15-ms-late", "back-600-ms-late", "l1-of-25-seconds", "writes-of-five-seconds"] as const),
  ...(["lease-of-a-day", "sweeps-every-minute", "misses-of-three-seconds", "calls-unbounded"] as const),
];

export interface Broken {
  readonly promise: string;
  readonly mutant: SchedulerMutant;
}

export const brokenPromises: readonly Broken[] = Object.entries(brokenBy).map(([promise, id]) => ({
  promise,
  mutant: findSchedulerMutant(id),
}));

export const brokenFigures: readonly Broken[] = changedFigures.map((id) => {
  const mutant = findSchedulerMutant(id);
  return { promise: mutant.origin, mutant };
});

/** The edits of all, made one after another. */
export function togetherOf(all: readonly Broken[]): Pick<SchedulerMutant, "id" | "edits"> {
  return { id: "several-at-once", edits: all.flatMap(({ mutant }) => mutant.edits) };
}
