/** `checklist.md`: the lines of the acceptance checklist, a section for each language. */
import type { PropertyId } from "../../check/properties.ts";
import { markdownCode, markdownText } from "../../evidence/escape.ts";
import type { LayerEvidence, PropertyEvidence } from "../../evidence/evidence.ts";
import { attemptLines, numberText, repeatText, verdictWords } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { identityFacts } from "../document/identity-facts.ts";
import { isCounted } from "../document/open-items.ts";
import type { ChecklistLine } from "../schema.ts";
import { adviceOn, checklistSentence, comparisonsOf, verdictSentence } from "../texts/advice.ts";
import { texts } from "../texts/dictionary.ts";
import { lineMeasured } from "../texts/measured.ts";
import { spaced } from "../texts/spaced.ts";
import { type Language, languages, type Words } from "../texts/words.ts";

/** Most tokens of a line; report.json has the others. */
const tokensShown = 2;

export function checklistMarkdown(composed: Composed, chosen: readonly Language[] = languages): string {
  return chosen.map((language) => inLanguage(composed, language)).join("\n");
}

function inLanguage(composed: Composed, language: Language): string {
  const { layers, report } = composed;
  const say = (words: Words) => markdownText(words[language]);
  const head = [texts.item, texts.verdict, texts.figure, texts.left, texts.propertiesColumn, texts.evidenceColumn];
  return [
    `# ${say(texts.checklist)}`,
    "",
    `**${say(verdictWords[report.verdict])}**: ${say(verdictSentence(composed))} ${say(checklistSentence(composed))}.`,
    "",
    `| # | ${head.map(say).join(" | ")} |`,
    "| --: | --- | --- | --- | --: | --- | --- |",
    ...report.checklist.map((line, index) => row(line, index + 1, { composed, language })),
    ...todoLines(composed, language),
    ...incompleteLines(composed, language),
    ...repeatLines(layers, language),
    "",
    `## ${say(texts.identity)}`,
    "",
    ...identityFacts(report).map(([label, value]) => `- ${say(label)}: ${say(value)}`),
    "",
    texts.replayNote[language],
    "",
  ].join("\n");
}

/** Returns the advice on each line that is not held. */
function todoLines(composed: Composed, language: Language): readonly string[] {
  const say = (words: Words) => markdownText(words[language]);
  const lines = composed.report.checklist.flatMap((line) => {
    const advice = adviceOn(line, composed);
    if (advice === null) return [];
    const { action, names, reason, why } = advice;
    const found = reason === null ? [] : [markdownText(reason)];
    const parts = [`${say(line.title)}: ${say(why)}`, say(action), ...names.map(say), ...found];
    return [`- ${spaced(parts.join(" "))}`];
  });
  return lines.length === 0 ? [] : ["", `## ${say(texts.todo)}`, "", ...lines];
}

/** Why the report is incomplete. */
function incompleteLines({ report: { open } }: Composed, language: Language): readonly string[] {
  const items = open.filter(({ kind }) => kind === "run" || kind === "shard");
  if (items.length === 0) return [];
  const lines = items.map(
    ({ cause, reason }) => `- ${markdownText(reason)}: ${markdownText(texts.actions[cause][language])}`,
  );
  return ["", `## ${texts.incomplete[language]}`, "", ...lines];
}

function repeatLines(layers: readonly LayerEvidence[], language: Language): readonly string[] {
  const repeats = layers.flatMap((layer) => layer.repeats ?? []);
  if (repeats.length === 0) return [];
  return [
    "",
    `## ${texts.repeated[language]}`,
    "",
    ...repeats.flatMap((repeat) => [
      `- ${markdownText(repeatText(repeat))}, ${markdownCode(repeat.token)}`,
      ...attemptLines(repeat).map((line) => `  - ${markdownText(line)}`),
    ]),
  ];
}

interface Place {
  readonly composed: Composed;
  readonly language: Language;
}

function row(line: ChecklistLine, number: number, { composed, language }: Place): string {
  const say = (words: Words) => markdownText(spaced(words[language]));
  const parts = composed.properties.filter((property) => line.properties.includes(property.id));
  const exercised = (id: PropertyId) => comparisonsOf(composed, id);
  const measured = lineMeasured(line, exercised).map(({ label, of, value }) =>
    [value, ...(label === null ? [] : [label]), ...(of === null ? [] : [of])].map(say).join(" · "),
  );
  const left = lineMeasured(line, exercised)[0]?.left ?? null;
  const cells = [
    String(number),
    say(line.title),
    say(isCounted(line) ? verdictWords[line.verdict] : texts.notAsked),
    measured.length === 0 ? say(texts.nothingMeasured) : measured.join("<br>"),
    left === null ? "" : `${numberText(left * 100)} %`,
    parts.map((part) => propertyWord(part, language)).join(", ") || "—",
    tokensOf(parts, language),
  ];
  return `| ${cells.join(" | ")} |`;
}

function propertyWord({ id, verdict }: PropertyEvidence, language: Language): string {
  return verdict === "held" ? id : `${id} (${verdictWords[verdict][language]})`;
}

function tokensOf(parts: readonly PropertyEvidence[], language: Language): string {
  const tokens = [...new Set(parts.flatMap((part) => part.tokens))];
  if (tokens.length === 0) return "—";
  const shown = tokens.slice(0, tokensShown).map(markdownCode);
  const rest = tokens.length - tokensShown;
  return [...shown, ...(rest > 0 ? [texts.more(String(rest))[language]] : [])].join("<br>");
}
