/** Mutants of the judges, which can be wrong themselves. Each has to disagree with a history that has a known verdict. */
import type { RuleChange } from "../../src/check/linear/known/node-rules.ts";
import type { JudgeChange } from "../../src/check/linear/known/wrong-judges.ts";
import type { PropertyId } from "../../src/check/properties.ts";

export interface JudgeMutant {
  readonly id: string;
  /** The change, and the origin of such a mistake. */
  readonly why: string;
  /** The property that it would accept or reject wrongly. */
  readonly property: PropertyId;
  readonly change: JudgeChange | RuleChange;
}

const of = (change: JudgeChange | RuleChange, why: string): JudgeMutant => ({
  id: `judge-${change}`,
  why,
  property: "L1",
  change,
});

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
  of("counts-one-place-more", "A node of recorded calls takes one job more than it has places."),
  of("believes-full", "A refusal for want of a place is not held against the places that are taken."),
  of("forgets-finished-jobs", "A finished job may be reserved again at once."),
  of("lapses-at-once", "A job may lose its place before its lease is over, so a lost one is excused."),
  of("expires-at-once", "A node may expire before its time to live is over, so a lost one is excused."),
  of("never-lapses", "A lease that is over still holds its place: a correct scheduler is accused."),
  of("never-expires", "A node without heartbeats stays online: a correct scheduler is accused."),
  of("takes-old-incarnations", "A heartbeat of a former incarnation is taken for one of the present."),
  of("loses-at-any-time", "Data may be lost although no fault says so."),
  of("knows-nothing-at-first", "Every history is read as if it began in the middle, which excuses its first answers."),
];
