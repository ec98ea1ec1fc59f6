/**
 * The testcases of a report. Their names hold neither tokens nor seeds, so that a CI server recognizes the same failure in another run.
 * A violation is one failure: whatever is violated only because of it is skipped, and names it.
 */
import { type PropertyId, properties } from "../../check/properties.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { LayerEvidence, LayerName, PropertyEvidence, RepeatEvidence, Violation } from "../../evidence/evidence.ts";
import { attemptLines, countText, reasonOf, replayCommand, verdictWords } from "../../evidence/words.ts";
import { figuresText, thresholdText } from "../checklist/figures.ts";
import type { Composed } from "../document/compose.ts";
import type { ChecklistLine, OpenItem } from "../schema.ts";

export interface JunitCase {
  readonly group: string;
  /** Unique within its suite. */
  readonly name: string;
  readonly duration_ms: number;
  /** `skipped`: it was not asked for, or another case fails in its place. */
  readonly verdict: Verdict | "skipped";
  /** The text of the finding; not shown where the verdict is `held`. */
  readonly message: string;
  readonly detail: readonly string[];
  /** The commands that replay it. */
  readonly output: readonly string[];
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** Suites without cases are left out. */
export function junitSuites({ report, layers, properties: parts }: Composed): readonly JunitSuite[] {
  const violations = layers.flatMap((layer) => layer.violations);
  const whole = report.open.filter(({ kind }) => kind === "run" || kind === "shard");
  const suites = [
    { name: "violations", cases: violationCases(violations) },
    { name: "properties", cases: parts.map((part) => propertyCase(part, violations)) },
    { name: "layers", cases: layers.map(layerCase) },
    { name: "checklist", cases: report.checklist.map((line) => lineCase(line, parts)) },
    { name: "whole", cases: numbered(whole.map(openCase)) },
    {
      name: "repeats",
      cases: numbered(layers.flatMap(({ name, repeats = [] }) => repeats.map((repeat) => repeatCase(name, repeat)))),
    },
  ];
  return suites.filter(({ cases }) => cases.length > 0);
}

/** `J2 · redis-gone · inject` */
export function violationName({
  layer,
  property,
  scenario,
}: Pick<Violation, "layer" | "property" | "scenario">): string {
  return `${property} · ${scenario} · ${layer}`;
}

/** One case for each property, scenario and layer: further violations of the same kind add their tokens to it. */
function violationCases(violations: readonly Violation[]): readonly JunitCase[] {
  return [...Map.groupBy(violations, violationName)].flatMap(([name, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const { layer, property, story } = first;
    const found = story[0] ?? properties[property].claim;
    return {
      ...{ group: `violations.${layer}`, name, duration_ms: 0, verdict: "violated" },
      message: group.length === 1 ? found : `${found} (${countText(group.length, "violation")})`,
      detail: [properties[property].claim, ...story],
      output: group.map(({ token }) => replayCommand(token)),
    };
  });
}

function propertyCase(part: PropertyEvidence, violations: readonly Violation[]): JunitCase {
  const { id, not_asked, tokens, verdict } = part;
  const { claim } = properties[id];
  const seen = { group: "properties", name: `${id} ${claim}`, duration_ms: 0 };
  if (not_asked !== undefined) return skipped(seen, `not asked for: ${not_asked}`);
  const own = new Set(violations.filter(({ property }) => property === id).map(violationName));
  if (verdict === "violated" && own.size > 0) return skipped(seen, `violated: see ${[...own].join(", ")}`);
  const message = `${verdictWords[verdict].en}: ${reasonOf(part)}`;
  if (verdict === "held") return { ...seen, verdict, message, detail: [], output: [] };
  return { ...seen, verdict, message, detail: [claim, reasonOf(part)], output: tokens.map(replayCommand) };
}

function layerCase({ duration_ms, name, properties: parts, reason, verdict, violations }: LayerEvidence): JunitCase {
  const seen = { group: "layers", name, duration_ms };
  const red = new Set<PropertyId>([
    ...violations.map(({ property }) => property),
    ...parts.filter((part) => part.verdict === "violated").map(({ id }) => id),
  ]);
  if (verdict === "violated" && red.size > 0) return skipped(seen, `violated: see ${[...red].join(", ")}`);
  const message = reason ?? `the ${name} layer is ${verdictWords[verdict].en}`;
  return { ...seen, verdict, message, detail: verdict === "held" ? [] : [message], output: [] };
}

function lineCase(line: ChecklistLine, parts: readonly PropertyEvidence[]): JunitCase {
  const { id, not_asked, title, verdict } = line;
  const seen = { group: "checklist", name: `${id} ${title.en}`, duration_ms: 0 };
  if (not_asked !== null) return skipped(seen, `not asked for: ${not_asked}`);
  const red = parts.filter((part) => part.verdict === "violated" && line.properties.includes(part.id));
  if (verdict === "violated" && red.length > 0)
    return skipped(seen, `violated: see ${red.map((part) => part.id).join(", ")}`);
  const figure = `${figuresText(line)}, threshold ${thresholdText(line.threshold)}`;
  return {
    ...seen,
    verdict,
    message: `${verdictWords[verdict].en}: ${figure}`,
    detail: [figure, title.zh],
    output: [],
  };
}

function skipped(seen: Pick<JunitCase, "duration_ms" | "group" | "name">, message: string): JunitCase {
  return { ...seen, verdict: "skipped", message, detail: [], output: [] };
}

/** A reason why the report is incomplete. Its id is the name of a run, and so no part of the name. */
function openCase({ id, kind, reason, verdict }: OpenItem): JunitCase {
  return {
    group: "whole",
    name: kind,
    duration_ms: 0,
    verdict,
    message: `${id}: ${reason}`,
    detail: [reason],
    output: [],
  };
}

/** A repeated scenario passes or fails with its layer; its case lists its runs. */
function repeatCase(layer: LayerName, repeat: RepeatEvidence): JunitCase {
  return {
    ...{
      group: `repeats.${layer}`,
      name: `${repeat.scenario} · ${layer}`,
      duration_ms: 0,
      verdict: "held",
      message: "",
    },
    detail: attemptLines(repeat),
    output: [replayCommand(repeat.token)],
  };
}

/** A second case of the same name gets the number 2, as CI servers drop it otherwise. */
function numbered(cases: readonly JunitCase[]): readonly JunitCase[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, count);
    return count === 1 ? one : { ...one, name: `${one.name} · ${count}` };
  });
}
