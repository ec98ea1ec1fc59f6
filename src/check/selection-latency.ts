/** B2 under faults: the P99 of selections stays within the budget, of the whole run and of the faults alone. What the bench measures is the same when healthy. */
import { Absences } from "./absences.ts";
import { faultWindows, isExercisedBy, overlaps } from "./fault-window.ts";
import { type Call, ofKind } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { tookOf } from "./read-latency.ts";
import { distributionOf } from "./timing/distribution.ts";
import { Stalls } from "./timing/stall.ts";
import { standstillMeasures } from "./timing/standstill.ts";

/** P99 is the smallest that 99 % do not exceed: more than this share late, and it is late. */
const lateAllowed = 0.01;

export function judgeSelectionLatency(trial: Trial): Judgement {
  const { budget } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const absences = new Absences(trial.history, trial.instances);
  const selections = ofKind(trial.history, "call").filter(
    ({ from, instance, op, to }) =>
      op === "select_nodes" && !absences.touch(instance, from, to ?? Number.POSITIVE_INFINITY),
  );
  const windows = faultWindows(trial.history, trial.instances);
  const during = selections.filter((call) =>
    windows.some((window) => window.instance === call.instance && overlaps(window, call.from, call.to ?? call.from)),
  );
  const exercised = during.filter(({ from, instance, to }) => isExercisedBy(windows, instance, [from, to ?? from]));
  // Late ones that are excused leave the whole open as soon as the P99 hangs on them, so it need not be told whose doing they are for certain.
  const isExcused = (call: Call): boolean => {
    const { to } = call;
    return to !== null && stalls.blameForCall(tookOf(call, trial) - budget, { ...call, to }) !== "instance";
  };
  const counts = [countLate("", selections, trial, isExcused), countLate(" during faults", during, trial, isExcused)];
  const latency = distributionOf(selections.map((call) => tookOf(call, trial)));
  const isOpen = counts.some(({ late, of }) => late > of * lateAllowed);
  return conclude({
    property: "B2",
    premise: properties.B2.premise,
    exercised: trial.side === "fault" ? exercised.length : selections.length,
    judged: selections.length,
    unjudged: counts[0]?.excused ?? 0,
    isOpen,
    violations: counts.filter(({ excused, late, of }) => late - excused > of * lateAllowed).map(storyOf(trial)),
    cause: "machine_load",
    open: `late by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      latency === null
        ? []
        : [
            { name: "selection_ms_p50", value: latency.p50 },
            // What the machine's own stalls made late is not held against the budget.
            { name: "selection_ms_p99", value: latency.p99, ...(isOpen ? {} : { threshold: budget }) },
            ...standstillMeasures(trial),
          ],
  });
}

interface LateCount {
  readonly when: string;
  readonly of: number;
  readonly late: number;
  /** Of those that were late, by no more than the machine stood still. */
  readonly excused: number;
  readonly slowest: number;
}

function countLate(when: string, calls: readonly Call[], trial: Trial, isExcused: (call: Call) => boolean): LateCount {
  const late = calls.filter((call) => tookOf(call, trial) >= trial.bounds.budget);
  const slowest = late.reduce((most, call) => Math.max(most, tookOf(call, trial)), 0);
  return { when, of: calls.length, late: late.length, excused: late.filter(isExcused).length, slowest };
}

function storyOf({ bounds }: Trial): (count: LateCount) => readonly string[] {
  return ({ excused, late, of, slowest, when }) => [
    `${late} of ${of} selections${when} took ${inMs(bounds.budget)} or more, allowed 1 in 100`,
    `the slowest took ${inMs(slowest)}; ${excused} of them while the process stood still`,
  ];
}
