/** Every figure that a judge or the bench can measure is in the registry. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { claims } from "../../../src/bench/claims.ts";
import { propertyIds } from "../../../src/check/properties.ts";
import { checklistItems } from "../../../src/report/checklist/checklist-items.ts";
import { claimFigure } from "../../../src/report/document/claim-figures.ts";
import { claimedFigures, measuredFigures } from "../../../src/report/texts/figure-table.ts";
import { aggregations, directions, figureTexts, units } from "../../../src/report/texts/figures.ts";
import { missingTexts } from "../../../src/report/texts/property-words.ts";
import { sourcesIn } from "../../house/sources.ts";

/** `{ name: "…", value: … }` and `name: \`${…}_burst_ratio\`` in the modules that make measures. */
const measured = /\bname: (?:"([a-z0-9_]+)"|`(\$\{[^}]*\}[a-z0-9_]*)`),\s*value:/g;

function measuredNames(): readonly string[] {
  return ["src/check", "src/judges", "src/simulate/judges", "src/inject"]
    .flatMap((folder) => sourcesIn(folder))
    .flatMap(({ text }) => [...text.matchAll(measured)].map(([, name, drawn]) => name ?? drawn ?? ""));
}

describe("the registry of figures", () => {
  it("has every figure that a judge measures", () => {
    const names = measuredNames();
    expect(names.length).toBeGreaterThan(70);
    const bursts = ["expiry_burst_ratio", "refresh_burst_ratio"];
    const known = names.flatMap((name) => (name.endsWith("}_burst_ratio") ? bursts : [name]));
    expect([...new Set(known)].filter((name) => !figureTexts.has(name))).toEqual([]);
  });

  it("has every figure of the bench, of the checklist and of a claim", () => {
    const names = [
      ...Object.values(claims).map(({ figure }) => figure),
      ...checklistItems.flatMap(({ among, figure }) => [
        ...(figure === undefined ? [] : [figure]),
        ...(among === undefined ? [] : [among.figure]),
      ]),
      ...propertyIds.map((id) => claimFigure({ id, exercised: 1 }, 0)?.name ?? ""),
      "line_coverage_percent",
    ];
    expect(names.length).toBeGreaterThan(55);
    expect(names.filter((name) => !figureTexts.has(name))).toEqual([]);
  });

  it("has every figure of the stored sample", () => {
    const report = JSON.parse(
      readFileSync(new URL("../../../reports/sample/report.json", import.meta.url), "utf8"),
    ) as {
      properties: { figures: { name: string }[] }[];
    };
    const names = report.properties.flatMap(({ figures }) => figures.map(({ name }) => name));
    expect(names.length).toBeGreaterThan(500);
    expect([...new Set(names)].filter((name) => !figureTexts.has(name))).toEqual([]);
  });

  it("has a whole entry for each, none twice, without names of the code", () => {
    const lines = `${measuredFigures}${claimedFigures}`.split("\n").filter((line) => line !== "");
    expect(lines).toHaveLength(figureTexts.size);
    for (const [id, { aggregation, direction, label, meaning, unit }] of figureTexts) {
      expect(Object.keys(units), id).toContain(unit);
      expect(directions, id).toContain(direction);
      expect(aggregations, id).toContain(aggregation);
      for (const { en, zh } of [label, meaning]) {
        expect(en, id).toMatch(/^[^_\p{Script=Han}]{4,}$/u);
        expect(zh, id).toMatch(/^[^_]*\p{Script=Han}[^_]*$/u);
      }
    }
  });

  it("has a unit that the name of the figure ends with, where it names one", () => {
    const named = {
      ms: /_ms(_|$)/,
      us: /_us(_|$)/,
      percent: /_percent$/,
      ratio: /_ratio$/,
      mb: /_mb$/,
      per_s: /_per_s(_|$)/,
    };
    for (const [id, { unit }] of figureTexts) {
      const [found] = Object.entries(named).findLast(([, pattern]) => pattern.test(id)) ?? ["count"];
      expect(`${id} ${unit}`).toBe(`${id} ${found}`);
    }
  });
});

it("every property has its claim, premise and comparisons in Chinese", () => expect(missingTexts).toEqual([]));
