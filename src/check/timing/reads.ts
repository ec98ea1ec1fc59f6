/** The reads of a run, and how long their callers waited: for pictures of it. */
import { Absences } from "../faults/absences.ts";
import { faultWindows, isExercisedBy } from "../faults/windows.ts";
import { type Call, type Millis, ofKind, phaseAt, readOps } from "../history.ts";
import type { Trial } from "../judgement.ts";

export function readsOf({ history }: Trial): readonly Call[] {
  return ofKind(history, "call").filter(({ op }) => readOps.some((read) => read === op));
}

/** How long the caller waited; for a read that never came back, until the end of the run. */
export function tookOf({ from, to }: Call, { history }: Trial): Millis {
  return (to ?? phaseAt(history, "end")) - from;
}

/** Returns the reads that a fault met; of a control, all. Reads of an instance that cannot run are left out. */
export function readsMet(trial: Trial): readonly Call[] {
  const { history, instances, side } = trial;
  const absences = new Absences(history, instances);
  const windows = faultWindows(history, instances);
  return readsOf(trial).filter(({ from, instance, to }) => {
    if (absences.touch(instance, from, to ?? Number.POSITIVE_INFINITY)) return false;
    return side === "control" || isExercisedBy(windows, instance, [from, to ?? from]);
  });
}
