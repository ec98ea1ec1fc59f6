/** docs/promises.md: where each promise stands; each property with what judges it, what exercises it, and which mutants break it. */
import { benchMutants } from "../../../scenarios/mutants/bench.ts";
import { instanceMutants } from "../../../scenarios/mutants/instances.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import { redisMutants } from "../../../scenarios/mutants/redis/registry.ts";
import { schedulerMutants } from "../../../scenarios/mutants/scheduler/registry.ts";
import { scriptMutants } from "../../../scenarios/mutants/scripts/registry.ts";
import { scenarios } from "../../../scenarios/registry.ts";
import { type PropertyId, propertyIds } from "../../../src/check/properties.ts";
import { conformProperties } from "../../../src/conform/tally.ts";
import { decidedProperties } from "../../../src/judges/recorded/judges.ts";
import { notJudgedHere } from "../../../src/simulate/judges/not-judged.ts";
import { anchorOf } from "../sources.ts";
import type { Promised } from "./promises.ts";

/** Scenarios that are printed by name. */
const mostNames = 4;

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
  return [...schedulerMutants, ...instanceMutants, ...scriptMutants, ...redisMutants, ...modelMutants, ...benchMutants]
    .filter(({ property }) => property === id)
    .map((mutant) => mutant.id);
}

function scenariosOf(id: PropertyId): readonly string[] {
  return scenarios
    .filter(({ always, eventually }) => always.includes(id) || Object.hasOwn(eventually, id))
    .map(({ name }) => name);
}

/** `V4.1`, `K7.1–K7.10`: successive numbers of one property are written as a range. */
export function rangesOf(ids: readonly string[]): readonly string[] {
  const ranges: [first: string, last: string][] = [];
  for (const id of [...ids].sort((one, other) => one.localeCompare(other, "en", { numeric: true }))) {
    const range = ranges.at(-1);
    if (range !== undefined && followerOf(range[1]) === id) range[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first}–${last}`));
}

function followerOf(id: string): string {
  const [property, number] = id.split(".");
  return `${property}.${Number(number) + 1}`;
}

function sectionLine(section: readonly Promised[]): readonly string[] {
  const [first] = section;
  if (first === undefined) return [];
  const page = first.page.replace("docs/", "");
  const ids = rangesOf(section.map(({ id }) => id)).join(", ");
  return [`- [${page}: ${first.heading}](${page}#${anchorOf(first.heading)}): ${ids}`];
}

const usualLayers = "simulate, inject";

function propertyRow(id: PropertyId): string {
  const layers = layersOf(id).join(", ");
  const names = scenariosOf(id);
  const where = names.length > mostNames ? String(names.length) : names.join(", ");
  const cells = [id, layers === usualLayers ? "" : layers, where, mutantsOf(id).join(", ")];
  return `| ${cells.join(" | ")} |`;
}

export function promisesPage(promises: readonly Promised[]): string {
  const sections = Map.groupBy(promises, ({ page, heading }) => `${page}: ${heading}`);
  return [
    "# Promises",
    "",
    "Reference, for readers who ask whether all that is documented is judged. Printed from the pages and the registries.",
    "",
    "## From promise to property",
    "",
    "In its section, a mark such as `[V4.1]` ends a promise. The property that judges it is the first part of the id.",
    "",
    ...[...sections.values()].flatMap(sectionLine),
    "",
    "## From property to judge and mutants",
    "",
    "Which file judges a property: [how a run works](how-a-run-works.md#where-a-property-is-judged).",
    `Without another layer, ${usualLayers.replace(",", " and")} decide a property. Scenarios claim it, and mutants break it.`,
    `Of more than ${mostNames} scenarios the number is given. \`grep -rlw S1 scenarios --exclude-dir=mutants\` names them, and others with S1 in a comment.`,
    "",
    "| property | layers | scenarios | mutants |",
    "| --- | --- | --- | --- |",
    ...propertyIds.map(propertyRow),
    "",
  ].join("\n");
}
