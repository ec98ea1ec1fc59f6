/** Judges the stored history of a run again, with the judges of today. */
import { ofKind } from "../check/history.ts";
import { type Judgement, openIfSlight } from "../check/judgement.ts";
import { decidedProperties, judge } from "../check/judges.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { BrokenRunError, messageOf } from "../report/failure.ts";
import { openAtTheCut, withoutOpenEnd } from "./cut-trial.ts";
import { HistoryTooLarge, readTrial, type StoredTrial } from "./trial-file.ts";

export interface TrialCheck {
  /** Calls of clients. */
  readonly ops: number;
  readonly verdict: Verdict;
  /** Of the judgement alone, without reading. */
  readonly seconds: number;
  readonly readSeconds: number;
  /** Absent where the file was not read. */
  readonly run?: Pick<StoredTrial, "scenario" | "seed" | "isCut" | "isComplete"> & { readonly side: string };
  readonly judgements: readonly Judgement[];
  readonly reason?: string;
}

/** @throws UsageError, BrokenRunError for a file that is no history, or one that a judge cannot make sense of */
export function checkTrial(file: string, now: () => number): TrialCheck {
  const startedAt = now();
  const stored = readOrRefuse(file);
  const readAt = now();
  const readSeconds = (readAt - startedAt) / 1_000;
  if (stored instanceof HistoryTooLarge) {
    return { ops: 0, verdict: "unknown", seconds: 0, readSeconds, judgements: [], reason: stored.message };
  }
  const { isComplete, isCut, properties, scenario, seed, trial } = stored;
  const chosen = properties.length > 0 ? properties : decidedProperties;
  const judged = isComplete ? trial : withoutOpenEnd(trial);
  const judgements = chosen.map((property) => {
    const open = isComplete ? null : openAtTheCut(property);
    return open ?? openIfSlight(judgeOrBreak(file, () => judge(property, judged)));
  });
  const said = joinVerdicts(judgements.map(({ verdict }) => verdict));
  const isOpen = !isComplete && said !== "violated";
  return {
    ops: ofKind(trial.history, "call").length,
    verdict: isOpen ? "unknown" : said,
    seconds: (now() - readAt) / 1_000,
    readSeconds,
    run: { scenario, seed, side: trial.side, isCut, isComplete },
    judgements,
    ...(isOpen ? { reason: "the history ends before the run did, so nothing that was to come is known" } : {}),
  };
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
