/** Annotations for GitHub Actions: one workflow command a line. */
import { properties } from "../../check/properties.ts";
import { commandData, commandProperty } from "../../evidence/escape.ts";
import { reasonOf, replayCommand, verdictWords } from "../../evidence/words.ts";
import { figuresText, thresholdText } from "../checklist/figures.ts";
import type { Composed } from "../document/compose.ts";
import { isCounted } from "../document/open-items.ts";

/** One `::error` for every violation, broken layer, property that is not held, violated line and missing part. */
export function annotations({ layers, properties: parts, report }: Composed): readonly string[] {
  const violations = layers
    .flatMap((layer) => layer.violations)
    .map(({ property, scenario, token, story }) =>
      errorLine(`${property} violated in ${scenario}`, [...story, `replay: ${replayCommand(token)}`].join("\n")),
    );
  const broken = layers
    .filter((layer) => layer.verdict === "broken")
    .map((layer) => errorLine(`${layer.name} is broken`, layer.reason ?? "no reason was given"));
  const open = parts
    .filter((part) => part.verdict !== "held" && part.verdict !== "violated")
    .map((part) =>
      errorLine(`${part.id} ${verdictWords[part.verdict].en}`, `${properties[part.id].claim}\n${reasonOf(part)}`),
    );
  const lines = report.checklist.filter(isCounted).flatMap((line) => {
    if (line.verdict !== "violated") return [];
    const figure = `${figuresText(line)}, threshold ${thresholdText(line.threshold)}`;
    return [errorLine(`checklist line ${line.id} violated`, `${line.title.en}\n${figure}`)];
  });
  const whole = report.open
    .filter(({ kind }) => kind === "run" || kind === "shard")
    .map(({ id, kind, reason }) => errorLine(`${kind} ${id}`, reason));
  return [...violations, ...broken, ...open, ...lines, ...whole];
}

function errorLine(title: string, message: string): string {
  return `::error title=${commandProperty(title)}::${commandData(message)}`;
}
