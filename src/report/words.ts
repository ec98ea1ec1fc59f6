/** How verdicts, figures and times read in every form of the report. */
import { properties } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { PropertyEvidence } from "./evidence.ts";
import type { ChecklistLine } from "./schema.ts";

export const verdictWords: Record<Verdict, { readonly en: string; readonly zh: string }> = {
  held: { en: "held", zh: "成立" },
  violated: { en: "violated", zh: "违反" },
  unknown: { en: "unknown", zh: "未知" },
  not_exercised: { en: "not exercised", zh: "未检验" },
  stale: { en: "stale", zh: "已过时" },
  broken: { en: "broken", zh: "运行损坏" },
};

/** The figure of a checklist line for which nothing was measured. */
export const timesExercised = "times_exercised_min";

export function replayCommand(token: string): string {
  return `lockproof replay ${token}`;
}

/** `31.2`, `1,204`, `0.0042`: three significant digits below a hundred, whole numbers above. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-GB");
  return String(Number(value.toPrecision(3)));
}

/** `1 run`, `300 runs`. */
export function countText(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function figureText(figure: ChecklistLine["figure"]): string {
  if (figure === null) return "—";
  if (figure.name === timesExercised) return `exercised ${countText(figure.value, "time")}`;
  return `${figure.name} ${numberText(figure.value)}${figure.of === null ? "" : ` (${figure.of})`}`;
}

export function thresholdText(threshold: ChecklistLine["threshold"]): string {
  if (threshold === null) return "—";
  return `${threshold.direction === "at_most" ? "≤" : "≥"} ${numberText(threshold.value)}`;
}

/** Why a property is not held, in the layers' words; else in those of its premise. */
export function reasonOf(property: PropertyEvidence): string {
  if (property.reason !== undefined) return property.reason;
  if (property.verdict === "not_exercised") return `never met: ${properties[property.id].premise}`;
  return `${numberText(property.exercised)} times exercised`;
}

/** A word from outside in a message: quoted, and cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > longestQuoted ? `${text.slice(0, longestQuoted)}...` : text);
}

const longestQuoted = 100;

/** Control characters made visible: ids in stories are hostile on purpose, and must not drive a terminal or break a line. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
