/** A mutant of the `system` model: the right rules, some of them replaced. */
import type { Unread } from "../normal-form.ts";
import type { RuleSet } from "../rules/rules.ts";

export interface Mutant {
  /** The difference, in words. */
  readonly means: string;
  readonly replaces: Partial<RuleSet>;
  /** Information that its rules read though the right rules do not: the normal form keeps it. */
  readonly reads?: readonly Unread[];
}
