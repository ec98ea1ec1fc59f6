/** The worth of a judgement, given the observed share of the run: without any nothing is known, and a part never makes the whole `held`. */

import { lackingFaults, lacksAllFaults } from "../faults/windows.ts";
import { ofKind, phaseAt } from "../history.ts";
import { type Judgement, shareText, type Trial, unseenMeasure } from "../judgement.ts";
import type { PropertyId } from "../properties.ts";
import { coverageOf, type Share } from "./coverage.ts";

/** Judged without what the store held: by the clock, by what was sent, and by what an answer says itself. */
const byOthers: ReadonlySet<PropertyId> = new Set<PropertyId>(["D1", "D2", "D3", "S1", "S3", "K3", "K4", "B2"]);

const mostReasons = 3;

export function nothingOf(property: PropertyId): Judgement {
  return { property, verdict: "not_exercised", exercised: 0, measures: [], violations: [] };
}

/** @param needsTheStore whether the judge held anything against what the store held */
export function asFarAsSeen(
  judged: Judgement,
  trial: Trial,
  needsTheStore = !byOthers.has(judged.property),
): Judgement {
  const { property, verdict } = judged;
  if (needsTheStore && coverageOf(trial).isEmpty) {
    return {
      ...nothingOf(property),
      cause: "unobserved",
      reason: "no observer saw the store, so the answers could not be compared with it",
    };
  }
  if (verdict === "not_exercised") return judged;
  const overlooked = needsTheStore ? whatWasOverlooked(trial) : null;
  if (overlooked !== null)
    return { ...judged, verdict: "unknown", violations: [], blamed: [], reason: overlooked, cause: "unobserved" };
  if (verdict !== "held") return judged;
  if (trial.side === "fault" && lacksAllFaults(trial)) {
    const reason = `no fault was in force as declared: ${fewReasons(lackingFaults(trial))}`;
    return { ...judged, verdict: "not_exercised", exercised: 0, reason, cause: "not_exercised" };
  }
  const unseen = missingCalls(trial) ?? (needsTheStore ? coverageOf(trial).unseen : null);
  return unseen === null ? judged : openFor(judged, unseen);
}

/** A scenario may have many faults on many instances. */
function fewReasons(reasons: readonly string[]): string {
  const rest = reasons.length - mostReasons;
  return [...reasons.slice(0, mostReasons), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

function openFor(judged: Judgement, { of, unseen, what }: Share): Judgement {
  const reason = `${shareText(unseen, of)} ${what} are not in the history`;
  return {
    ...judged,
    verdict: "unknown",
    cause: "unobserved",
    reason,
    measures: [...judged.measures, unseenMeasure(unseen, of)],
  };
}

/** A part of the feed that was not observed makes right look wrong, and wrong right. */
function whatWasOverlooked({ history }: Trial): string | null {
  const [first] = ofKind(history, "overlooked");
  if (first === undefined) return null;
  const where = `entries ${first.from} to ${first.to} of partition ${first.partition}, epoch ${first.epoch}`;
  return `${where} were trimmed before the observer had read them: run again, or let the feed keep more`;
}

/** A history that says nothing of its load may have left some calls out on purpose. */
export function saysItsLoad({ history }: Trial): boolean {
  return Number.isFinite(phaseAt(history, "load")) || ofKind(history, "pace").length > 0;
}

/** Calls are numbered in turn, and counted at the end. */
function missingCalls(trial: Trial): Share | null {
  if (!saysItsLoad(trial)) return null;
  const { history } = trial;
  let [first, last, there] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const { id } of ofKind(history, "call")) {
    first = Math.min(first, id);
    last = Math.max(last, id);
    there += 1;
  }
  const counted = ofKind(history, "phase").find(({ name }) => name === "end")?.calls ?? 0;
  const of = Math.max(counted, there === 0 ? 0 : last - first + 1);
  return there >= of ? null : { unseen: of - there, of, what: "calls" };
}
