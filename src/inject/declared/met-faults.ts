/** The faults of a run and what they were to bring about. Each that was not met is reported in words, and the run proves nothing. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { lackingFaults } from "../../check/faults/windows.ts";
import { ofKind } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import {
  countMarks,
  hostedMarks,
  idleFaults,
  insideMarks,
  type Mark,
  metFaults,
  operationOfMark,
} from "../../check/marks.ts";

/** `drawn`: by chance, so at least one has to be met, and a property that no fault exercised does not weaken the verdict. */
export type FaultSource = "declared" | "drawn";

type Declared = Pick<Scenario, "faults" | "sometimes">;

interface Terms {
  readonly faults: FaultSource;
  /** The instances are a scheduler written elsewhere: what is not seen from outside is not expected of a single run. */
  readonly isFromOutside: boolean;
}

export function unmetFaults(scenario: Declared, trial: Trial, { faults, isFromOutside }: Terms): readonly string[] {
  if (faults === "drawn") return noFaultMet(scenario, trial);
  return [...unseenMarks(scenario, trial, isFromOutside), ...idleOrMissing(scenario, trial), ...lackingFaults(trial)];
}

function unseenMarks({ sometimes }: Declared, trial: Trial, isFromOutside: boolean): readonly string[] {
  const seen = countMarks(trial);
  const claimed = ofKind(trial.history, "system").map(({ ops }) => ops);
  const isLacking = (op: string): boolean => claimed.length > 0 && claimed.every((ops) => ops?.includes(op) === false);
  const isElsewhere = claimed.length > 0;
  const cannotBeSeen = (mark: Mark): boolean => {
    const op = operationOfMark[mark];
    if (isElsewhere && hostedMarks.has(mark)) return true;
    return isFromOutside && (insideMarks.has(mark) || (op !== undefined && isLacking(op)));
  };
  const unseen = sometimes.filter((mark) => seen[mark] === 0 && !cannotBeSeen(mark));
  return unseen.length === 0 ? [] : [`never seen: ${unseen.join(", ")}`];
}

/** For faults that were drawn by chance. */
function noFaultMet({ faults }: Declared, trial: Trial): readonly string[] {
  if (metFaults(trial).size > 0) return [];
  return [faults.length === 0 ? "the seed drew no fault that can be done here" : "no call met any of the faults drawn"];
}

/** The commands that passed while a fault waited for one, most frequent first. */
function passedIn({ history }: Trial, index: number): string {
  const missed = ofKind(history, "fault_missed").filter(({ fault }) => fault === index);
  if (missed.length === 0) return "";
  const counts = new Map<string, number>();
  for (const [name, count] of missed.flatMap(({ commands }) => Object.entries(commands))) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const named = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
  return `, found none to act on among ${named.length === 0 ? "no commands at all" : named.join(", ")}`;
}

/** Faults that were never injected, and faults that no call met. */
function idleOrMissing({ faults }: Declared, trial: Trial): readonly string[] {
  const injected = new Set(
    trial.history.flatMap((event) => (event.kind === "fault" && event.step === "inject" ? [event.fault] : [])),
  );
  const missing = faults.flatMap(({ kind }, index) =>
    injected.has(index) ? [] : [`${kind} (faults[${index}]${passedIn(trial, index)})`],
  );
  const idle = idleFaults(trial);
  return [
    ...(missing.length === 0 ? [] : [`never took effect: ${missing.join(", ")}`]),
    ...(idle.length === 0 ? [] : [`no call was in flight during ${idle.join(", ")}`]),
  ];
}
