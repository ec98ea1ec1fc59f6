/** A plan that is kept because it once failed, or because a wrong scheduler fails it; it is run first, on every verify. */
import type { Mark } from "../../src/check/marks.ts";

export interface Regression {
  readonly id: string;
  /** What went wrong, with whom, and what is right. */
  readonly why: string;
  /** What has to be seen beside each of its faults, or it no longer reaches what it is about: it is stale. */
  readonly reaches: readonly Mark[];
  /** The scheduler mutant that still fails it. */
  readonly fails?: string;
  /** In the form `lockproof-plan/1`; checked when it is read (src/simulate/plan/plan-file.ts). */
  readonly plan: unknown;
}
