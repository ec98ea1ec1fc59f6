/** The words for verdicts, figures and times in all forms of the report. */
import { properties } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { PropertyEvidence, RepeatEvidence } from "./evidence.ts";

export const verdictWords: Record<Verdict, { readonly en: string; readonly zh: string }> = {
  held: { en: "held", zh: "成立" },
  violated: { en: "violated", zh: "违反" },
  unknown: { en: "unknown", zh: "未知" },
  not_exercised: { en: "not exercised", zh: "未检验" },
  stale: { en: "stale", zh: "已过时" },
  broken: { en: "broken", zh: "运行损坏" },
};

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

/** A line for each run of a repeated scenario: its verdict, and why it was repeated, or what it found. */
export function attemptLines({ attempts }: RepeatEvidence): readonly string[] {
  return attempts.map(({ again, properties: shown, run, verdict }) => {
    const what = again === undefined ? shownText(shown) : `; run again: ${again}`;
    return `run ${run} ${verdictWords[verdict].en}${what}`;
  });
}

function shownText(shown: RepeatEvidence["attempts"][number]["properties"]): string {
  const each = shown
    .filter(({ verdict }) => verdict !== "held")
    .map(({ found, id, verdict }) => `${id} ${verdictWords[verdict].en}${found === undefined ? "" : `: ${found}`}`);
  return each.length === 0 ? "" : ` (${each.join("; ")})`;
}

/** `redis-gone, 3 runs on one seed: violated, held, held`. */
export function repeatText({ attempts, scenario }: RepeatEvidence): string {
  const each = attempts.map(({ verdict }) => verdictWords[verdict].en).join(", ");
  return `${scenario}, ${countText(attempts.length, "run")} on one seed: ${each}`;
}

/** Why a property is not held: the reason of the layers, or else its premise. */
export function reasonOf(property: PropertyEvidence): string {
  if (property.reason !== undefined) return property.reason;
  if (property.verdict === "not_exercised") return `never met: ${properties[property.id].premise}`;
  return `${numberText(property.exercised)} times exercised`;
}

/** Foreign text in a message: quoted, and cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > longestQuoted ? `${text.slice(0, longestQuoted)}...` : text);
}

const longestQuoted = 100;
