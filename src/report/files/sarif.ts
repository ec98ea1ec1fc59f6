/** `sarif.json`: the violations that belong to a line of the sources, for readers of static analysis (SARIF 2.1.0). */
import { type PropertyId, properties } from "../../check/properties.ts";
import { visible } from "../../evidence/escape.ts";
import { replayCommand } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { violationName } from "./junit-cases.ts";
import { type Places, type Site, siteOf } from "./site.ts";

/** GitHub shows no more of a run. */
const mostResults = 5_000;

/** Written without results too: that is what closes the findings of an earlier run. */
export function sarifLog({ layers, report }: Composed, places: Places): object {
  const found = layers
    .flatMap((layer) => layer.violations)
    .flatMap((violation) => {
      const site = siteOf(violation, places);
      return site === null ? [] : [{ violation, site, key: `${violationName(violation)} ${site.file}:${site.line}` }];
    });
  const kinds = [...Map.groupBy(found, ({ key }) => key)].slice(0, mostResults);
  const ids = [...new Set(found.map(({ violation }) => violation.property))];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "lockproof", semanticVersion: report.identity.version, rules: ids.map(ruleOf) } },
        automationDetails: { id: `lockproof/${report.profile}` },
        results: kinds.flatMap(([key, [first]]) => {
          if (first === undefined) return [];
          const { property, story, token } = first.violation;
          return {
            ruleId: property,
            ruleIndex: ids.indexOf(property),
            level: "error",
            message: { text: [...story.map(visible), `replay: ${visible(replayCommand(token))}`].join("\n") },
            locations: [locationOf(first.site)],
            partialFingerprints: { "lockproofViolation/v1": visible(key) },
          };
        }),
      },
    ],
  };
}

function ruleOf(id: PropertyId): object {
  const { claim, premise } = properties[id];
  return {
    id,
    shortDescription: { text: claim },
    fullDescription: { text: `${claim}; exercised when ${premise}` },
    defaultConfiguration: { level: "error" },
  };
}

function locationOf({ file, line }: Site): object {
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return { physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, region: { startLine: line } } };
}
