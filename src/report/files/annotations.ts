/** Annotations for GitHub Actions: one workflow command a line. */
import { properties } from "../../check/properties.ts";
import { commandData, commandProperty } from "../../evidence/escape.ts";
import { countText, reasonOf, replayCommand, verdictWords } from "../../evidence/words.ts";
import { figuresText, thresholdText } from "../checklist/figures.ts";
import type { Composed } from "../document/compose.ts";
import { isCounted } from "../document/open-items.ts";
import { violationName } from "./junit-cases.ts";
import { noPlaces, type Places, type Site, siteOf } from "./site.ts";

/** GitHub shows ten of a step, and the runner adds one of its own to a step that fails. */
export const mostAnnotations = 9;

/**
 * One `::error` for every kind of violation, broken layer, property that is not held, violated line and missing part, the worst first. Of more
 * than `mostAnnotations` the last one counts the rest.
 */
export function annotations(composed: Composed, places: Places = noPlaces): readonly string[] {
  const all = allOf(composed, places);
  if (all.length <= mostAnnotations) return all;
  const shown = all.slice(0, mostAnnotations - 1);
  const rest = countText(all.length - shown.length, "further finding");
  return [...shown, errorLine("lockproof", `${rest}: the summary and the report name them all`)];
}

function allOf({ layers, properties: parts, report }: Composed, places: Places): readonly string[] {
  const groups = Map.groupBy(
    layers.flatMap((layer) => layer.violations),
    violationName,
  );
  const violations = [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { property, scenario, story, token } = first;
    const more = others.length === 0 ? [] : [`and ${countText(others.length, "violation")} more of this kind`];
    const text = [...story, `replay: ${replayCommand(token)}`, ...more].join("\n");
    return [errorLine(`${property} violated in ${scenario}`, text, siteOf(first, places))];
  });
  const broken = layers
    .filter((layer) => layer.verdict === "broken")
    .map((layer) => errorLine(`${layer.name} is broken`, layer.reason ?? "no reason was given"));
  const lines = report.checklist.filter(isCounted).flatMap((line) => {
    if (line.verdict !== "violated") return [];
    const figure = `${figuresText(line)}, threshold ${thresholdText(line.threshold)}`;
    return [errorLine(`checklist line ${line.id} violated`, `${line.title.en}\n${figure}`)];
  });
  const whole = report.open
    .filter(({ kind }) => kind === "run" || kind === "shard")
    .map(({ id, kind, reason }) => errorLine(`${kind} ${id}`, reason));
  const open = parts
    .filter((part) => part.verdict !== "held" && part.verdict !== "violated")
    .map((part) =>
      errorLine(`${part.id} ${verdictWords[part.verdict].en}`, `${properties[part.id].claim}\n${reasonOf(part)}`),
    );
  return [...violations, ...broken, ...lines, ...whole, ...open];
}

function errorLine(title: string, message: string, site: Site | null = null): string {
  const place = site === null ? "" : `file=${commandProperty(site.file)},line=${site.line},`;
  return `::error ${place}title=${commandProperty(title)}::${commandData(message)}`;
}
