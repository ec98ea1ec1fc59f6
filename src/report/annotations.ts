/** What GitHub Actions shows beside a change: one workflow command a line. */
import { properties } from "../check/properties.ts";
import type { Composed } from "./compose.ts";
import { reasonOf, replayCommand, verdictWords } from "./words.ts";

/** One `::error` for every violation, broken layer and property that is not held. */
export function annotations({ layers, properties: parts }: Composed): readonly string[] {
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
  return [...violations, ...broken, ...open];
}

function errorLine(title: string, message: string): string {
  const escaped = escapeData(title).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::error title=${escaped}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
