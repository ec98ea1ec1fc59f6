/**
 * A run as the trace viewer shows it: every step with its words and what it changed. The state of an instance or of the store is a table of texts by
 * key, such as `mode`, `partition 0`, `node n1` or `call 17`; the state at a step is what all changes up to it have left.
 */
import type { PropertyId } from "../check/properties.ts";

export const stepKinds = ["step", "call", "answer", "fault", "mode", "phase", "broken"] as const;
export type StepKind = (typeof stepKinds)[number];

/** null: the key is there no longer. */
export type Change = readonly [lane: number, key: string, value: string | null];

export interface ViewedStep {
  /** Milliseconds since the start of the load; before it, below 0. */
  readonly at: number;
  readonly lane: number;
  readonly kind: StepKind;
  /** A sentence without its subject, the lane. */
  readonly words: string;
  readonly changes: readonly Change[];
}

export interface ViewedFault {
  readonly name: string;
  readonly from: number;
  /** Infinity: it was in force at the end. */
  readonly to: number;
}

export interface ViewedRun {
  readonly title: string;
  /** The instances, then the store. */
  readonly lanes: readonly string[];
  readonly steps: readonly ViewedStep[];
  readonly faults: readonly ViewedFault[];
  /** null: nothing was violated, or the step is not known. */
  readonly broken: { readonly step: number; readonly property: PropertyId; readonly found: string } | null;
  /** The store is as an observer saw it, which was later than each change. */
  readonly isObserved: boolean;
  /** How to see it again: a command. */
  readonly again: string;
  /** Steps that were left out from the front. */
  readonly omitted: number;
}

/** Without its first steps, whose effect the first one that is kept has. */
export function withoutFirst(run: ViewedRun, count: number): ViewedRun {
  const { broken, omitted, steps } = run;
  const [first, ...rest] = steps.slice(count);
  if (count <= 0 || first === undefined) return run;
  const held = new Map<string, Change>();
  for (const change of [...steps.slice(0, count).flatMap(({ changes }) => changes), ...first.changes]) {
    held.set(`${change[0]} ${change[1]}`, change);
  }
  const changes = [...held.values()].filter(([, , value]) => value !== null);
  return {
    ...run,
    steps: [{ ...first, changes }, ...rest],
    omitted: omitted + count,
    broken: broken === null || broken.step < count ? null : { ...broken, step: broken.step - count },
  };
}

/** The first step that two runs do not have in common; null: one is the beginning of the other, or they are the same. */
export function firstDifference(one: ViewedRun, other: ViewedRun): number | null {
  const common = Math.min(one.steps.length, other.steps.length);
  for (let step = 0; step < common; step += 1) {
    const [a, b] = [one.steps[step], other.steps[step]];
    if (a?.at !== b?.at || a?.lane !== b?.lane || a?.words !== b?.words) return step;
  }
  return one.steps.length === other.steps.length ? null : common;
}
