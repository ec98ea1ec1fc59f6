/**
 * Mutants that need more than 50 seeds in the median, since a rare thing has to happen several times to one instance. The gate does not run them: they
 * measure whether guided simulation finds what random seeds seldom do (docs/benchmarks.md, "Guided simulation").
 */
import type { SchedulerMutant } from "./mutant.ts";

export interface RareMutant extends SchedulerMutant {
  readonly simulated: string;
}

function fullAt(epochs: number): SchedulerMutant["edits"] {
  return [
    {
      file: "view/epochs.ts",
      find: 'return this.#abandoned.has(epoch) ? "abandoned" : "unknown";',
      replace: `return this.#abandoned.has(epoch) || this.#abandoned.size >= ${epochs} ? "abandoned" : "unknown";`,
    },
  ];
}

const origin = "where the list of abandoned epochs is full, every other epoch counts as one of them";

export const rareMutants: readonly RareMutant[] = [
  { id: "seventh-epoch-refused", property: "V3", origin, simulated: "close-quarters", edits: fullAt(6) },
  { id: "eighth-epoch-refused", property: "V3", origin, simulated: "random-nemesis", edits: fullAt(7) },
];
