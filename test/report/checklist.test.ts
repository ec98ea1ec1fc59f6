import { describe, expect, it } from "vitest";
import type { PropertyId } from "../../src/check/properties.ts";
import { checklistItems } from "../../src/report/checklist.ts";
import { composeReport } from "../../src/report/compose.ts";
import type { Figure, LayerEvidence } from "../../src/report/evidence.ts";
import { allHeld, layer, meta, property } from "./sample.ts";

function lineOf(id: string, evidence: readonly LayerEvidence[], coverage?: number) {
  const { report } = composeReport(evidence, {
    ...meta,
    ...(coverage === undefined ? {} : { line_coverage_percent: coverage }),
  });
  const line = report.checklist.find((one) => one.id === id);
  if (line === undefined) throw new Error(`no line ${id}`);
  return line;
}

function withFigures(id: PropertyId, figures: readonly Figure[]): readonly LayerEvidence[] {
  return [allHeld, layer("inject", { properties: [property(id, { figures })] })];
}

describe("the checklist", () => {
  it("has the plan's fifteen lines, each in both languages", () => {
    expect(checklistItems).toHaveLength(15);
    expect(new Set(checklistItems.map((item) => item.id)).size).toBe(15);
    for (const { title } of checklistItems) {
      expect(title.en).toMatch(/^[\x20-\x7e]+$/);
      expect(title.zh).toMatch(/\p{Script=Han}/u);
    }
  });

  it("says of a line whose properties nobody exercised that they were not", () => {
    for (const line of composeReport([], meta).report.checklist) expect(line.verdict).toBe("not_exercised");
  });

  it("is not held by some of its properties", () => {
    expect(lineOf("versions", [layer("inject", { properties: [property("V1"), property("V2")] })]).verdict).toBe(
      "not_exercised",
    );
  });

  it("shows the figure with the least room, of those measured against the plan's own threshold", () => {
    const line = lineOf(
      "degradation",
      withFigures("D2", [
        { name: "degraded_ms_max", value: 20, threshold: 50 },
        { name: "degraded_ms_max", value: 44, threshold: 50, of: "redis-gone, fault" },
        { name: "back_to_normal_ms_max", value: 999, threshold: 1_000 },
        { name: "degraded_ms_p50", value: 49 },
      ]),
    );
    expect(line).toMatchObject({
      verdict: "held",
      figure: { name: "degraded_ms_max", value: 44, of: "redis-gone, fault" },
      threshold: { direction: "at_most", value: 50 },
    });
  });

  it("is violated by a figure past the threshold, whatever the layer said", () => {
    const line = lineOf(
      "heartbeat_latency",
      withFigures("B1", [{ name: "heartbeat_ms_p99", value: 5.2, threshold: 5 }]),
    );
    expect(line.verdict).toBe("violated");
  });

  it("counts how often the least exercised property was, where nothing was measured", () => {
    expect(lineOf("current_jobs", [allHeld])).toMatchObject({
      figure: { name: "times_exercised_min", value: 10 },
      threshold: { direction: "at_least", value: 1 },
    });
  });

  it.each([
    [undefined, "not_exercised"],
    [80, "violated"],
    [80.1, "held"],
  ] as const)("judges a line coverage of %s %% as %s: more than 80 is asked for", (coverage, verdict) => {
    expect(lineOf("line_coverage", [], coverage).verdict).toBe(verdict);
  });
});
