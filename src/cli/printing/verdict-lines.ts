/** The lines that a command prints about verdicts: violations with their replay commands first. */
import { type PropertyId, properties } from "../../check/properties.ts";
import { type Verdict, verdicts } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "../../evidence/evidence.ts";
import { attemptLines, numberText, reasonOf, repeatText, replayCommand, verdictWords } from "../../evidence/words.ts";
import { figureText, thresholdText } from "../../report/checklist/figures.ts";
import type { Composed } from "../../report/document/compose.ts";
import { isCounted } from "../../report/document/open-items.ts";
import type { ChecklistLine } from "../../report/schema.ts";
import type { Output } from "./output.ts";

const wordWidth = "NOT EXERCISED".length;
const indent = " ".repeat(wordWidth + 2);
const violationsShown = 2;
/** The report has the longer explanations in full. */
const explanationLines = 40;

function violationLines({ property, scenario, layer, token, story }: Violation): readonly string[] {
  const shown = story.slice(0, explanationLines).map((line) => indent + visible(line));
  if (story.length > shown.length) shown.push(`${indent}… ${story.length - shown.length} lines more in the report`);
  return [
    `${"VIOLATED".padEnd(wordWidth)}  ${property} ${properties[property].claim}   scenario ${visible(scenario)}   layer ${layer}`,
    ...shown,
    `${indent}replay: ${replayCommand(token)}`,
  ];
}

/** The first violations of each property in each scenario; the others are mostly alike. */
export function violationsLines(violations: readonly Violation[]): readonly string[] {
  const groups = Map.groupBy(violations, ({ property, scenario, layer }) =>
    JSON.stringify([property, scenario, layer]),
  );
  return [...groups.values()].flatMap((group) => [
    ...group.slice(0, violationsShown).flatMap(violationLines),
    ...(group.length > violationsShown
      ? [`${indent}… and ${group.length - violationsShown} more like these in the report`]
      : []),
  ]);
}

/** Violations, then broken layers, then every open property with the reason. */
export function notHeldLines({ layers, properties: parts, report }: Composed): readonly string[] {
  const violations = layers.flatMap((layer) => layer.violations);
  const printed = new Set(violations.map((violation) => violation.property));
  const isUnprinted = (part: PropertyEvidence) =>
    isCounted(part) && part.verdict !== "held" && !(part.verdict === "violated" && printed.has(part.id));
  return [
    ...violationsLines(violations),
    ...layers.filter((layer) => layer.verdict !== "held" && layer.verdict !== "violated").map(layerLine),
    ...parts.filter(isUnprinted).map((part) => lineOf(part.verdict, `${part.id}  ${reasonOf(part)}`)),
    ...notAskedLines(parts),
    ...report.open
      .filter(({ kind }) => kind === "run" || kind === "shard")
      .map(({ id, kind, reason, verdict }) => lineOf(verdict, `${kind} ${id}  ${reason}`)),
  ];
}

/** One line for all properties that were not asked for, for the same reason. */
function notAskedLines(parts: readonly PropertyEvidence[]): readonly string[] {
  const left = Map.groupBy(
    parts.filter((part) => !isCounted(part)),
    ({ not_asked }) => not_asked,
  );
  return [...left].map(([why, own]) => {
    const ids = own.map(({ id }) => id).join(" ");
    return `${"NOT ASKED FOR".padEnd(wordWidth)}  ${visible(`${ids}: ${why}`)}`;
  });
}

function layerLine(layer: LayerEvidence): string {
  return lineOf(layer.verdict, `layer ${layer.name}  ${layer.reason ?? "no reason was given"}`);
}

function lineOf(verdict: Verdict, text: string): string {
  return `${verdictWords[verdict].en.toUpperCase().padEnd(wordWidth)}  ${visible(text)}`;
}

/** @param chosen the properties to show; none: all */
export function propertyTable(
  parts: readonly PropertyEvidence[],
  chosen: readonly PropertyId[],
  output: Output,
): readonly string[] {
  const shown = parts.filter((part) => chosen.length === 0 || chosen.includes(part.id));
  const counts = shown.map((part) => numberText(part.exercised));
  const countWidth = Math.max("exercised".length, ...counts.map((count) => count.length));
  const row = (id: string, verdict: string, count: string, claim: string) =>
    `${id.padEnd(2)}  ${verdict}  ${count.padStart(countWidth)}  ${claim}`;
  return [
    row("id", "verdict".padEnd(wordWidth), "exercised", "claim"),
    ...shown.map((part, index) =>
      row(part.id, output.verdict(part.verdict, wordWidth), counts[index] ?? "", properties[part.id].claim),
    ),
  ];
}

/** Scenarios that were run again on their seed, with the result of each run. */
export function repeatLines(layers: readonly LayerEvidence[]): readonly string[] {
  return layers
    .flatMap((layer) => layer.repeats ?? [])
    .flatMap((repeat) => [
      `${"RUN AGAIN".padEnd(wordWidth)}  ${visible(repeatText(repeat))}`,
      ...attemptLines(repeat).map((line) => indent + visible(line)),
    ]);
}

/** Every checklist line that is not held or was not asked for, and how many are held. */
export function checklistLines({ report }: Pick<Composed, "report">): readonly string[] {
  const { checklist } = report;
  const counted = checklist.filter(isCounted);
  const held = counted.filter(({ verdict }) => verdict === "held").length;
  return [
    ...counted.filter(({ verdict }) => verdict !== "held").map((line) => lineOf(line.verdict, lineText(line))),
    ...checklist
      .filter((line) => !isCounted(line))
      .map(
        (line) =>
          `${"NOT ASKED FOR".padEnd(wordWidth)}  ${visible(`line ${line.id}  ${line.title.en}: ${line.not_asked}`)}`,
      ),
    `  checklist: ${held} of ${counted.length} lines held`,
  ];
}

function lineText({ figure, id, properties: ids, threshold, title }: ChecklistLine): string {
  const measured =
    figure === null ? "nothing was measured" : `${figureText(figure)}, threshold ${thresholdText(threshold)}`;
  return `line ${id}  ${title.en}${ids.length === 0 ? "" : ` (${ids.join(" ")})`}: ${measured}`;
}

/** `21 held · 1 violated · 1 not exercised (C2)      exit 1` */
export function summaryLine(parts: readonly PropertyEvidence[], exitCode: number): string {
  const counted = parts.filter(isCounted);
  const counts = verdicts.flatMap((verdict) => {
    const ids = counted.filter((part) => part.verdict === verdict).map((part) => part.id);
    if (ids.length === 0) return [];
    return [`${ids.length} ${verdictWords[verdict].en}${verdict === "held" ? "" : ` (${ids.join(" ")})`}`];
  });
  const rest = parts.length - counted.length;
  const left = rest === 0 ? [] : [`${rest} not asked for`];
  return `  ${[...counts.reverse(), ...left].join(" · ")}      exit ${exitCode}`;
}

/** One layer: its violations, then its properties with their figures. */
export function layerLines(layer: LayerEvidence, output: Output): readonly string[] {
  return [
    ...violationsLines(layer.violations),
    ...(layer.reason === undefined ? [] : [lineOf(layer.verdict, layer.reason)]),
    ...layer.properties.flatMap((part) => [
      `${output.verdict(part.verdict, wordWidth)}  ${part.id.padEnd(2)}  exercised ${numberText(part.exercised)}  ${properties[part.id].claim}`,
      ...part.figures.map((figure) => `${indent}    ${figureLine(figure)}`),
    ]),
  ];
}

function figureLine({
  name,
  value,
  of,
  threshold,
  direction = "at_most",
}: PropertyEvidence["figures"][number]): string {
  const text = figureText({ name, value, of: of ?? null });
  return visible(
    threshold === undefined ? text : `${text}   threshold ${thresholdText({ direction, value: threshold })}`,
  );
}
