/** docs/promises.md: each promise with its property; each property with what judges it, what exercises it, and which mutants break it. */
import { benchMutants } from "../../../scenarios/mutants/bench.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import { redisMutants } from "../../../scenarios/mutants/redis/registry.ts";
import { schedulerMutants } from "../../../scenarios/mutants/scheduler/registry.ts";
import { scriptMutants } from "../../../scenarios/mutants/scripts.ts";
import { scenarios } from "../../../scenarios/registry.ts";
import { type PropertyId, propertyIds } from "../../../src/check/properties.ts";
import { conformProperties } from "../../../src/conform/tally.ts";
import { decidedProperties } from "../../../src/judges/recorded/judges.ts";
import { notJudgedHere } from "../../../src/simulate/judges/not-judged.ts";
import type { Promised } from "./promises.ts";

/** Words of a promise that are printed. */
const mostWords = 14;

/** Which layers of the gate decide a property. */
export function layersOf(id: PropertyId): readonly string[] {
  const layers: readonly (readonly [string, boolean])[] = [
    ["conform", id === "K1" || conformProperties.some((one) => one === id)],
    ["simulate", notJudgedHere[id] === undefined],
    ["inject", decidedProperties.includes(id)],
    ["bench", id === "B1" || id === "B2" || id === "B3"],
    ["source and commands", id === "K4"],
  ];
  return layers.filter(([, does]) => does).map(([name]) => name);
}

/** Those that a layer of the gate has to find; unit tests do not count. */
export function mutantsOf(id: PropertyId): readonly string[] {
  return [...schedulerMutants, ...scriptMutants, ...redisMutants, ...modelMutants, ...benchMutants]
    .filter(({ property }) => property === id)
    .map((mutant) => mutant.id);
}

function scenariosOf(id: PropertyId): readonly string[] {
  return scenarios
    .filter(({ always, eventually }) => always.includes(id) || Object.hasOwn(eventually, id))
    .map(({ name }) => name);
}

export function promisesPage(promises: readonly Promised[]): string {
  const rows = promises.map(({ id, page, heading, text }) => {
    const words = text.split(" ");
    const cut = words.length > mostWords ? `${words.slice(0, mostWords).join(" ")} …` : text;
    return `| ${id} | ${page.replace("docs/", "")}: ${heading} | ${cut.replaceAll("|", "\\|")} |`;
  });
  const judged = propertyIds.map((id) => {
    const own = promises.filter(({ property }) => property === id).length;
    const scenarioNames = scenariosOf(id);
    const where = scenarioNames.length > 4 ? `${scenarioNames.length} scenarios` : scenarioNames.join(", ");
    return `| ${id} | ${own} | ${layersOf(id).join(", ")} | ${where || "—"} | ${mutantsOf(id).join(", ") || "—"} |`;
  });
  return [
    "# Promises",
    "",
    "Reference, for readers who ask whether all that is documented is judged. Printed from the pages and the registries.",
    "",
    "## From promise to property",
    "",
    "The property of a promise is the first part of its id.",
    "",
    "| promise | page and section | begins |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## From property to judge and mutants",
    "",
    "Which file judges a property: [how a run works](how-a-run-works.md#where-a-property-is-judged).",
    "",
    "| property | promises | layers | scenarios that claim it | mutants that break it |",
    "| --- | ---: | --- | --- | --- |",
    ...judged,
    "",
  ].join("\n");
}
