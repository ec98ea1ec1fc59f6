/** A plan that is kept because it once failed, or because a wrong scheduler fails it; it is run first, on every verify. */
import type { Mark } from "../../src/check/marks.ts";

export interface Regression {
  readonly id: string;
  /** The mistake, and the right behaviour. */
  readonly why: string;
  /** Marks that have to be seen beside each of its faults; otherwise the regression is stale. */
  readonly reaches: readonly Mark[];
  /** The scheduler mutant that still fails it. */
  readonly fails?: string;
  /** In the form `lockproof-plan/1`; checked when it is read (src/simulate/plan/plan-file.ts). */
  readonly plan: unknown;
}
