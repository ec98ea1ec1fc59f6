/** Mutants of the judges, which can be wrong themselves. Each has to disagree with a history that has a known verdict. */
import type { JudgeChange } from "../../src/check/linear/known/wrong-judges.ts";
import type { PropertyId } from "../../src/check/properties.ts";

export interface JudgeMutant {
  readonly id: string;
  /** The change, and the origin of such a mistake. */
  readonly why: string;
  /** The property that it would accept or reject wrongly. */
  readonly property: PropertyId;
  readonly change: JudgeChange;
}

const of = (change: JudgeChange, why: string): JudgeMutant => ({ id: `judge-${change}`, why, property: "L1", change });

export const judgeMutants: readonly JudgeMutant[] = [
  of("accepts-everything", "The judge answers held for every history: a check without a comparison."),
  of("rejects-everything", "The judge answers violated for every history: a check that is ignored when it is right."),
  of("ignores-unanswered", "Calls without a reply are left out: what they did then seems to come from nowhere."),
  of(
    "ignores-real-time",
    "Any order will do, also one in which a call takes effect before it was made: a far weaker promise.",
  ),
  of("takes-touching-for-ordered", "Calls that touch are taken as one after the other, as if clocks had no grain."),
  of("takes-failed-for-unanswered", "A call that certainly did not happen is allowed to have happened."),
  of("drops-the-last", "A loop that ends one too early: the last operation is never judged."),
  of("lets-unanswered-happen-twice", "An unanswered call may be used as often as it helps."),
];
