/**
 * Changes of the code that no run can notice, each with the argument why: they do not count in the mutation score. A test holds that each entry fits a
 * mutant of the code as it is now.
 */

export interface EquivalentMutant {
  readonly file: string;
  /** The kind of change: `EqualityOperator`. */
  readonly operator: string;
  /** The line on which the change begins, without the spaces around it. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  /** The argument. */
  readonly why: string;
}

export const equivalentMutants: readonly EquivalentMutant[] = [];
