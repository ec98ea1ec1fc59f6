/** Merges the evidence of several runs: the worst verdict is kept, counts are summed. */

import { type Cause, joinCauses } from "../check/cause.ts";
import { type PropertyId, propertyIds } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { type Figure, type LayerEvidence, layerNames, type PropertyEvidence } from "./evidence.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A property keeps this many tokens, those of violations first: a soak has thousands of runs. */
const mostTokens = 20;

/** One evidence for each layer that has any, in the order of `layerNames`. */
export function mergeLayers(evidence: readonly LayerEvidence[]): readonly LayerEvidence[] {
  return layerNames.flatMap((name) => {
    const parts = evidence.filter((layer) => layer.name === name);
    return parts.length === 0 ? [] : [mergeLayer(name, parts)];
  });
}

function mergeLayer(name: LayerEvidence["name"], parts: readonly LayerEvidence[]): LayerEvidence {
  const ids = propertyIds.filter((id) => parts.some((part) => part.properties.some((property) => property.id === id)));
  const reason = joinTexts(parts.map((part) => part.reason));
  const repeats = parts.flatMap((part) => part.repeats ?? []);
  const steps = parts.flatMap((part) => part.steps ?? []);
  const explored = parts.flatMap((part) => part.explored ?? []);
  const properties = ids.map((id) => mergeProperty(id, parts));
  const open = new Set(properties.filter((property) => property.verdict === "not_exercised").map(({ id }) => id));
  // A part leaves nothing open if other parts have judged all that it withheld.
  const isCompleted = (part: LayerEvidence) => part.withheld?.every((id) => !open.has(id)) === true;
  const verdict = joinVerdicts(parts.map((part) => (isCompleted(part) ? "held" : part.verdict)));
  const cause = isOpen(verdict)
    ? joinCauses(parts.filter((part) => !isCompleted(part)).flatMap(causesOfLayer))
    : undefined;
  return {
    name,
    verdict,
    runs: sum(parts.map((part) => part.runs)),
    duration_ms: sum(parts.map((part) => part.duration_ms)),
    properties,
    violations: parts.flatMap((part) => part.violations),
    mutants: parts.flatMap((part) => part.mutants),
    series: parts.flatMap((part) => part.series),
    faults: parts.flatMap((part) => part.faults),
    ...withoutUndefined({ repeats: some(repeats), steps: some(steps), explored: some(explored), reason, cause }),
  };
}

function some<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}

/**
 * Merges the verdicts on one property. A part that did not exercise it does not count beside one that did. One violation makes it violated.
 * A part that claims to be held without having been exercised is `not_exercised`.
 */
export function mergeProperty(id: PropertyId, evidence: readonly LayerEvidence[]): PropertyEvidence {
  const parts = evidence.flatMap((layer) => layer.properties).filter((property) => property.id === id);
  const violations = evidence.flatMap((layer) => layer.violations).filter((violation) => violation.property === id);
  const verdicts: Verdict[] = violations.map(() => "violated");
  for (const part of parts) if (part.verdict !== "not_exercised") verdicts.push(honest(part));
  const verdict = joinVerdicts(
    verdicts.some((one) => one !== "not_exercised") ? verdicts.filter((one) => one !== "not_exercised") : [],
  );
  const reason = joinTexts(parts.filter((part) => honest(part) === verdict).map((part) => part.reason));
  const cause = isOpen(verdict) ? joinCauses(causesOf(verdict, parts)) : undefined;
  return {
    id,
    verdict,
    exercised: sum(parts.map((part) => part.exercised)),
    figures: mergeFigures(parts.flatMap((part) => part.figures)),
    tokens: [...new Set([...violations.map(({ token }) => token), ...parts.flatMap((part) => part.tokens)])].slice(
      0,
      mostTokens,
    ),
    ...withoutUndefined({ reason, cause }),
  };
}

/** Neither held nor violated. */
export function isOpen(verdict: Verdict): boolean {
  return verdict !== "held" && verdict !== "violated";
}

/** Why the merged property is open. Parts that did not exercise it count only where none did. */
function causesOf(whole: Verdict, parts: readonly PropertyEvidence[]): readonly Cause[] {
  if (whole === "not_exercised") return ["not_exercised"];
  return parts.flatMap((part) => {
    const verdict = honest(part);
    return isOpen(verdict) && verdict !== "not_exercised" ? [part.cause ?? causeOfVerdict(verdict)] : [];
  });
}

/** A reason without a cause is `unspecified`. */
function causesOfLayer(layer: LayerEvidence): readonly Cause[] {
  const { cause, properties, reason, verdict } = layer;
  if (!isOpen(verdict)) return [];
  const own = cause ?? (reason === undefined ? undefined : causeOfVerdict(verdict));
  const theirs = properties.flatMap((part) =>
    isOpen(part.verdict) && (part.verdict !== "not_exercised" || verdict === "not_exercised")
      ? [part.cause ?? causeOfVerdict(part.verdict)]
      : [],
  );
  const causes = own === undefined ? theirs : [own, ...theirs];
  return causes.length === 0 ? [causeOfVerdict(verdict)] : causes;
}

function causeOfVerdict(verdict: Verdict): Cause {
  if (verdict === "not_exercised" || verdict === "stale" || verdict === "broken") return verdict;
  return "unspecified";
}

/** Keeps the worst figure of each kind: the smallest where the threshold is a lower limit, else the largest. */
function mergeFigures(figures: readonly Figure[]): readonly Figure[] {
  const worst = new Map<string, Figure>();
  for (const figure of figures) {
    const kind = JSON.stringify([figure.name, figure.of, figure.threshold, figure.direction]);
    const before = worst.get(kind);
    const isWorse = before === undefined || figure.value < before.value === (figure.direction === "at_least");
    if (isWorse) worst.set(kind, figure);
  }
  return [...worst.values()];
}

function honest(part: PropertyEvidence): Verdict {
  return part.verdict === "held" && part.exercised === 0 ? "not_exercised" : part.verdict;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function joinTexts(texts: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(texts.filter((text) => text !== undefined))];
  return distinct.length === 0 ? undefined : distinct.join("; ");
}
