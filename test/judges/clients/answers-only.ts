/** Judges a history by the calls of clients alone. */
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Judgement, Terms } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { trialOf } from "../../check/trials.ts";

const timeOf = (event: HistoryEvent): number => (event.kind === "call" ? event.from : "at" in event ? event.at : 0);

/** @param history in any order */
export function judgeAnswers(
  property: PropertyId,
  history: readonly HistoryEvent[],
  terms: Partial<Terms> = {},
  instances = 2,
): Judgement {
  const make = clientJudges[property];
  if (make === undefined) throw new RangeError(`no judge of ${property}`);
  const sorted = history.toSorted((one, other) => timeOf(one) - timeOf(other));
  return judgeRecorded(make, trialOf({ history: sorted, terms, instances }));
}
