/** Judges the lines of the acceptance checklist, each by its properties and their measured figures. */
import type { PropertyId } from "../../check/properties.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import type { Figure, PropertyEvidence } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import { claimFigure } from "../document/claim-figures.ts";
import type { ChecklistLine } from "../schema.ts";
import { checklistItems, coverageItem, type Item, type Threshold } from "./checklist-items.ts";

export interface Judged {
  readonly properties: ReadonlyMap<PropertyId, PropertyEvidence>;
  /** The number of violations of each property. */
  readonly violations: ReadonlyMap<PropertyId, number>;
  /** Per cent of lines, where there is a coverage summary. */
  readonly coverage: number | undefined;
}

type LineFigure = NonNullable<ChecklistLine["figure"]>;

export function judgeChecklist(judged: Judged): readonly ChecklistLine[] {
  return checklistItems.map((item) =>
    item.id === coverageItem ? coverageLine(item, judged.coverage) : judgeItem(item, judged),
  );
}

function judgeItem(item: Item, { properties, violations }: Judged): ChecklistLine {
  const parts = item.properties.flatMap((id) => properties.get(id) ?? []);
  const nearest = nearestFigure(
    item,
    parts.flatMap((part) => part.figures),
  );
  const verdicts: Verdict[] = parts.length < item.properties.length ? ["not_exercised"] : [];
  verdicts.push(...parts.map((part) => part.verdict));
  if (parts.some((part) => isBreached(item, part))) verdicts.push("violated");
  const figures = parts.flatMap((part) => {
    const figure = figureOf(item, part, violations.get(part.id) ?? 0);
    return figure === null ? [] : [{ property: part.id, ...figure }];
  });
  const chosen =
    violatedFigure(item, nearest, { parts, violations }) ??
    (nearest === undefined
      ? { figure: shownOf(item, parts, figures), threshold: null }
      : { figure: pick(item, nearest, parts), threshold: item.threshold ?? thresholdOf(nearest) ?? null });
  return {
    id: item.id,
    title: item.title,
    verdict: joinVerdicts(verdicts),
    figure: chosen.figure,
    threshold: chosen.threshold ?? item.threshold ?? noneAllowed(chosen.figure),
    properties: [...item.properties],
    figures,
    not_asked: joinVerdicts(verdicts) === "violated" ? null : whyNotAsked(parts),
  };
}

/** A line with a property that was not asked for is not either. */
function whyNotAsked(parts: readonly PropertyEvidence[]): string | null {
  const part = parts.find(({ not_asked }) => not_asked !== undefined);
  return part?.not_asked === undefined ? null : `${part.id}: ${part.not_asked}`;
}

/** A violated line does not show a figure within its threshold: it shows the number of counterexamples. */
function violatedFigure(
  item: Item,
  nearest: Figure | undefined,
  { parts, violations }: { readonly parts: readonly PropertyEvidence[]; readonly violations: Judged["violations"] },
): { readonly figure: LineFigure; readonly threshold: Threshold } | null {
  const red = parts.find((part) => part.verdict === "violated");
  if (red === undefined) return null;
  const threshold = nearest === undefined ? undefined : (item.threshold ?? thresholdOf(nearest));
  if (nearest !== undefined && threshold !== undefined && !meets(nearest.value, threshold)) return null;
  const found = Math.max(1, violations.get(red.id) ?? 0);
  const figure = claimFigure({ ...red, exercised: Math.max(1, red.exercised) }, found);
  return figure === null ? null : { figure, threshold: { direction: "at_most", value: 0 } };
}

/** Whether a figure exceeds its threshold, regardless of the verdict of the layer. Figures of open properties do not count: the layer has a reason. */
function isBreached(item: Item, { figures, verdict }: PropertyEvidence): boolean {
  if (verdict !== "held") return false;
  return figures.some((figure) => {
    const threshold = item.threshold ?? thresholdOf(figure);
    return threshold !== undefined && isAgainst(item, figure) && !meets(figure.value, threshold);
  });
}

/** The figure of one property: the one nearest its threshold, or else the number of counterexamples among the comparisons. */
function figureOf(item: Item, part: PropertyEvidence, violations: number): LineFigure | null {
  const nearest = nearestFigure(item, part.figures);
  return nearest === undefined ? claimFigure(part, violations) : pick(item, nearest, [part]);
}

/** The one with the fewest comparisons of several counted properties. */
function shownOf(item: Item, parts: readonly PropertyEvidence[], figures: ChecklistLine["figures"]): LineFigure | null {
  if (item.threshold !== undefined) return null;
  const [least] = parts.toSorted((one, other) => one.exercised - other.exercised);
  const figure = figures.find(({ property }) => property === least?.id);
  if (figure === undefined) return null;
  const { property: _property, ...shown } = figure;
  return shown;
}

function noneAllowed(shown: LineFigure | null): Threshold | null {
  return shown === null ? null : { direction: "at_most", value: 0 };
}

function pick({ among }: Item, figure: Figure, parts: readonly PropertyEvidence[]): LineFigure {
  const looked = parts
    .flatMap((part) => part.figures)
    .filter(({ name }) => name === among?.figure)
    .map(({ value }) => value);
  const of =
    among === undefined || looked.length === 0 ? figure.of : `${numberText(Math.min(...looked))} ${among.words}`;
  return { name: figure.name, value: figure.value, of: of ?? null };
}

/** Without a coverage summary the line was not asked for: it does not count for the verdict. */
function coverageLine(item: Item, coverage: number | undefined): ChecklistLine {
  const { threshold = null } = item;
  const isMet = coverage !== undefined && threshold !== null && meets(coverage, threshold);
  return {
    id: item.id,
    title: item.title,
    verdict: coverage === undefined ? "not_exercised" : isMet ? "held" : "violated",
    figure: coverage === undefined ? null : { name: "line_coverage_percent", value: coverage, of: null },
    threshold,
    properties: [],
    figures: [],
    not_asked: coverage === undefined ? "no coverage summary was given with --coverage" : null,
  };
}

function thresholdOf(figure: Figure): Threshold | undefined {
  return figure.threshold === undefined
    ? undefined
    : { direction: figure.direction ?? "at_most", value: figure.threshold };
}

/** Whether the line is judged by this figure. */
function isAgainst(item: Item, figure: Figure): boolean {
  const threshold = thresholdOf(figure);
  if (threshold === undefined) return false;
  return item.threshold === undefined || same(threshold, item.threshold);
}

/** The figure with the least room to its threshold, relative to the threshold. */
function nearestFigure(item: Item, figures: readonly Figure[]): Figure | undefined {
  let nearest: { readonly figure: Figure; readonly room: number } | undefined;
  for (const figure of figures) {
    const threshold = thresholdOf(figure);
    if (threshold === undefined || !isAgainst(item, figure)) continue;
    if (item.figure !== undefined && figure.name !== item.figure) continue;
    const room = roomLeft(figure.value, threshold);
    if (nearest === undefined || room < nearest.room) nearest = { figure, room };
  }
  return nearest?.figure;
}

function same(one: Threshold, other: Threshold): boolean {
  return one.direction === other.direction && one.value === other.value;
}

function roomLeft(value: number, { direction, value: limit }: Threshold): number {
  const room = direction === "at_most" ? limit - value : value - limit;
  return limit === 0 ? room : room / Math.abs(limit);
}

function meets(value: number, threshold: Threshold): boolean {
  const room = roomLeft(value, threshold);
  return threshold.strict === true ? room > 0 : room >= 0;
}
