/** Judges the stored history of a run again, with the present judges. */
import { findScenario } from "../../../scenarios/registry.ts";
import { ofKind } from "../../check/history.ts";
import { type Judgement, openIfMarginal, type Trial } from "../../check/judgement.ts";
import { saysItsLoad } from "../../check/observed/as-far-as-seen.ts";
import type { PropertyId } from "../../check/properties.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { decidedProperties, judge, propertiesOfEveryRun } from "../../judges/recorded/judges.ts";
import { openAtTheCut, withoutOpenEnd } from "./cut.ts";
import { HistoryTooLarge, readTrial, type StoredTrial } from "./file.ts";
import { differencesFromScenario } from "./scenario-differences.ts";

export interface TrialCheck {
  /** The number of client calls. */
  readonly ops: number;
  readonly verdict: Verdict;
  /** The time of the judgement, without reading. */
  readonly seconds: number;
  readonly readSeconds: number;
  /** Absent: the file was not read. */
  readonly run?: Pick<StoredTrial, "scenario" | "seed" | "isCut" | "isComplete" | "notJudged"> & {
    readonly side: string;
  };
  readonly judgements: readonly Judgement[];
  readonly reason: string | undefined;
}

/** @throws UsageError for a file that is no history, BrokenRunError where a judge fails on it */
export function checkTrial(file: string, now: () => number): TrialCheck {
  const startedAt = now();
  const stored = readOrRefuse(file);
  const readAt = now();
  const readSeconds = (readAt - startedAt) / 1_000;
  if (stored instanceof HistoryTooLarge) {
    return { ops: 0, verdict: "unknown", seconds: 0, readSeconds, judgements: [], reason: stored.message };
  }
  const { isComplete, isCut, notJudged, properties, scenario, seed, trial } = stored;
  const chosen = properties.length > 0 ? properties : decidedProperties;
  const trialFor = isComplete ? () => trial : withoutOpenEnd(trial);
  const judged = (property: PropertyId): Judgement => {
    const open = isComplete ? null : openAtTheCut(property);
    return open ?? openIfMarginal(judgeOrBreak(file, () => judge(property, trialFor(property))));
  };
  const unnamed = propertiesOfEveryRun(trial).filter((id) => !chosen.includes(id));
  const judgements = [
    ...chosen.map(judged),
    ...unnamed.map(judged).filter((judgement) => judgement.verdict === "violated"),
  ];
  const calls = ofKind(trial.history, "call");
  const reasons = openIn(stored);
  const unproved = unprovedIn(stored);
  // Without any answered call, the properties hold vacuously.
  const isSilent = calls.every(({ outcome }) => outcome !== "ok");
  const verdict = joinVerdicts([
    ...judgements.map((judgement) => judgement.verdict),
    ...(reasons.length > 0 ? (["unknown"] as const) : []),
    ...(isSilent || unproved.length > 0 ? (["not_exercised"] as const) : []),
  ]);
  const isOpen = verdict !== "violated" && verdict !== "held";
  const open = [...reasons, ...(isSilent ? ["no call was answered"] : []), ...unproved];
  return {
    ops: calls.length,
    verdict,
    seconds: (now() - readAt) / 1_000,
    readSeconds,
    run: { scenario, seed, side: trial.side, isCut, isComplete, notJudged },
    judgements,
    reason: isOpen && open.length > 0 ? open.join("; ") : undefined,
  };
}

/** Reasons why the history as a whole is no pass, whatever the judges return. */
function openIn({ halves, isComplete, isCut, scenario, trial, wideBounds }: StoredTrial): readonly string[] {
  const isUnknown = findScenario(scenario) === undefined && ofKind(trial.history, "pace").length > 0;
  return [
    ...(isUnknown
      ? [`no scenario ${scenario} is known, so its load and faults are not: name its folder by --scenarios`]
      : []),
    ...(isComplete && isUncounted(trial)
      ? ["the end does not say how many calls there were, so some may be missing"]
      : []),
    ...(isCut ? ["the line that is cut may be one that breaks a property"] : []),
    ...(isComplete || isCut ? [] : ["the history ends before the run did, so nothing that was to come is known"]),
    ...(halves === 0 ? [] : [`lines are missing: of ${halves} calls there is only one line of two`]),
    ...wideBounds.map((wide) => `a bound of the first line is wider than the claim: ${wide}`),
  ];
}

function isUncounted(trial: Trial): boolean {
  const phases = ofKind(trial.history, "phase");
  return saysItsLoad(trial) && phases.every(({ calls, name }) => name !== "end" || calls === undefined);
}

/** Why a complete history proves less than its judges return: it is no run of its scenario, or not judged by all that this claims. */
function unprovedIn({ isComplete, notJudged, scenario, seed, trial }: StoredTrial): readonly string[] {
  if (!isComplete) return [];
  return [
    ...differencesFromScenario(scenario, trial, seed),
    ...(notJudged.length === 0 ? [] : [`${scenario} claims more than the first line names: ${notJudged.join(", ")}`]),
  ];
}

function readOrRefuse(file: string): StoredTrial | HistoryTooLarge {
  try {
    return readTrial(file);
  } catch (error) {
    if (error instanceof HistoryTooLarge) return error;
    throw error;
  }
}

function judgeOrBreak(file: string, run: () => Judgement): Judgement {
  try {
    return run();
  } catch (error) {
    throw new BrokenRunError(
      `a judge cannot make sense of the history: ${messageOf(error)}`,
      { where: file, fix: "give a history as inject wrote it; if it is one, this is a bug of the judge" },
      error,
    );
  }
}
