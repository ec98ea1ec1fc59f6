/** The sentences of the verdict for the person who signs, and the advice on a line that is not held. */

import { joinCauses } from "../../check/cause.ts";
import type { PropertyId } from "../../check/properties.ts";
import { reasonOf } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { isCounted } from "../document/open-items.ts";
import type { ChecklistLine } from "../schema.ts";
import { texts } from "./dictionary.ts";
import { layerWords } from "./names.ts";
import { propertyWords } from "./property-words.ts";
import { same, type Words } from "./words.ts";

/** `42 of 42 properties and 16 of 16 checklist lines held`. */
export function checklistSentence({ properties, report }: Composed): Words {
  const share = <Part extends { readonly verdict: string }>(parts: readonly Part[]): Words =>
    texts.of(String(parts.filter(({ verdict }) => verdict === "held").length), String(parts.length));
  const own = share(properties.filter(isCounted));
  const lines = share(report.checklist.filter(isCounted));
  const held = { en: texts.tally(own.en, lines.en).en, zh: texts.tally(own.zh, lines.zh).zh };
  const left = [...notAsked(report.checklist, texts.linesNotAsked), ...notAsked(properties, texts.propertiesNotAsked)];
  return { en: [held, ...left].map(({ en }) => en).join(", "), zh: [held, ...left].map(({ zh }) => zh).join("，") };
}

function notAsked(
  parts: readonly { readonly not_asked?: string | null }[],
  say: (count: string) => Words,
): readonly Words[] {
  const count = parts.filter((part) => !isCounted(part)).length;
  return count === 0 ? [] : [say(String(count))];
}

/** Whether the build may be accepted; a run that held says so only of what it was asked for. */
export function verdictSentence({ properties, report }: Composed): Words {
  const isWhole = [...properties, ...report.checklist].every(isCounted);
  return report.verdict === "held" && !isWhole ? texts.heldAsAsked : texts.sentence[report.verdict];
}

/** A violation without a count of comparisons was found in one. */
export function comparisonsOf({ layers, properties }: Composed, id: PropertyId): number {
  const exercised = properties.find((part) => part.id === id)?.exercised ?? 0;
  const isViolated = layers.some(({ violations }) => violations.some(({ property }) => property === id));
  return isViolated ? Math.max(1, exercised) : exercised;
}

interface Advice {
  /** `open: V2, V3`. */
  readonly why: Words;
  readonly action: Words;
  /** Choices of the run that may be the cause. */
  readonly names: readonly Words[];
  /** The words of the judges, in English; null: there are none. */
  readonly reason: string | null;
  /** The index of the violation among all of the report. */
  readonly violation: number | null;
}

/** @returns null for a line that held or was not asked for */
export function adviceOn(line: ChecklistLine, { layers, properties, report }: Composed): Advice | null {
  if (!isCounted(line) || line.verdict === "held") return null;
  const parts = properties.filter(({ id, verdict }) => line.properties.includes(id) && verdict !== "held");
  const ids = (isViolated: boolean) =>
    parts
      .filter(({ verdict }) => (verdict === "violated") === isViolated)
      .map(({ id }) => id)
      .join(", ") || line.properties.join(", ");
  if (line.verdict === "violated") {
    const all = layers.flatMap(({ violations }) => violations);
    const index = all.findIndex(({ property }) => line.properties.includes(property));
    const why = texts.violatedBy(ids(true));
    return { why, action: texts.refuse, names: [], reason: null, violation: index < 0 ? null : index };
  }
  const item = report.open.find(({ id, kind }) => kind === "line" && id === line.id);
  const cause = item?.cause ?? joinCauses(parts.flatMap((part) => part.cause ?? [])) ?? "unspecified";
  const never = parts.filter(({ verdict }) => verdict === "not_exercised");
  const judged = parts.filter(({ verdict }) => verdict !== "not_exercised");
  return {
    why: texts.openBy(ids(false)),
    action: texts.actions[cause],
    names: [
      ...never.map(({ id }) => neverMet(propertyWords(id).premise)),
      ...(never.length === 0 ? [] : chosenWords(report.identity.chosen)),
    ],
    reason: judged.length === 0 ? null : judged.map((part) => `${part.id}: ${reasonOf(part)}`).join("; "),
    violation: null,
  };
}

function neverMet({ en, zh }: Words): Words {
  return {
    en: `${texts.neverMet.en.replace(/\.$/, "")}: ${en}.`,
    zh: `${texts.neverMet.zh.replace(/。$/, "")}：${zh}。`,
  };
}

function chosenWords({ layers, scenarios }: Composed["report"]["identity"]["chosen"]): readonly Words[] {
  const listed = (names: readonly string[]): Words => {
    const each = names.map((name) => (name in layerWords ? layerWords[name as keyof typeof layerWords] : same(name)));
    return { en: each.map(({ en }) => en).join(", "), zh: each.map(({ zh }) => zh).join("、") };
  };
  const of = (names: readonly string[] | null, say: (names: string) => Words): readonly Words[] => {
    if (names === null) return [];
    const words = listed(names);
    return [{ en: say(words.en).en, zh: say(words.zh).zh }];
  };
  return [...of(layers, texts.onlyLayers), ...of(scenarios, texts.onlyScenarios)];
}
