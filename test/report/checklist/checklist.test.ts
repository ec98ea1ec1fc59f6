import { describe, expect, it } from "vitest";
import type { PropertyId } from "../../../src/check/properties.ts";
import type { Figure, LayerEvidence } from "../../../src/evidence/evidence.ts";
import { checklistItems } from "../../../src/report/checklist/checklist-items.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { allHeld, layer, meta, property, violation } from "../sample.ts";

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
  it("has sixteen lines, each in both languages", () => {
    expect(checklistItems).toHaveLength(16);
    expect(new Set(checklistItems.map((item) => item.id)).size).toBe(16);
    for (const { title } of checklistItems) {
      expect(title.en).toMatch(/^[\x20-\x7e]+$/);
      expect(title.zh).toMatch(/\p{Script=Han}/u);
    }
  });

  it("has a line as not exercised where none of its properties was", () => {
    for (const line of composeReport([], meta).report.checklist) expect(line.verdict).toBe("not_exercised");
  });

  it("is not held where only some of its properties are", () => {
    expect(lineOf("versions", [layer("inject", { properties: [property("V1"), property("V2")] })]).verdict).toBe(
      "not_exercised",
    );
  });

  it("shows the figure nearest its threshold, of those with the threshold of the checklist", () => {
    const line = lineOf(
      "degradation",
      withFigures("D2", [
        { name: "time_to_degradation_ms_max", value: 20, threshold: 50 },
        { name: "time_to_degradation_ms_max", value: 44, threshold: 50, of: "redis-gone, fault" },
        { name: "back_to_normal_ms_max", value: 999, threshold: 1_000 },
        { name: "degraded_ms_p50", value: 49 },
      ]),
    );
    expect(line).toMatchObject({
      verdict: "held",
      figure: { name: "time_to_degradation_ms_max", value: 44, of: "redis-gone, fault" },
      threshold: { direction: "at_most", value: 50 },
    });
  });

  it("is violated by a figure past the threshold, whatever the verdict of the layer", () => {
    const line = lineOf(
      "heartbeat_latency",
      withFigures("B1", [{ name: "heartbeat_ms_p99", value: 5.2, threshold: 5 }]),
    );
    expect(line.verdict).toBe("violated");
  });

  it("counts counterexamples among the comparisons where no figure has a threshold", () => {
    const line = lineOf("current_jobs", [
      layer("inject", { properties: [property("J1"), property("J2", { exercised: 3 }), property("J4")] }),
    ]);
    expect(line).toMatchObject({
      verdict: "held",
      figure: { name: "reservations_past_capacity", value: 0, of: "3 reservations of a full node compared" },
      threshold: { direction: "at_most", value: 0 },
    });
    expect(line.figures.map(({ name, property }) => `${property} ${name}`)).toEqual([
      "J1 wrong_current_jobs",
      "J2 reservations_past_capacity",
      "J4 places_leaked",
    ]);
    const red = layer("inject", {
      verdict: "violated",
      properties: [property("K1")],
      violations: [violation({ property: "K1" }), violation({ property: "K1" })],
    });
    expect(lineOf("one_hash_tag", [red])).toMatchObject({ verdict: "violated", figure: { value: 2 } });
  });

  it.each([
    [
      "versions",
      "V2",
      { name: "time_to_convergence_ms_max", value: 251, threshold: 1_000 },
      "answers_the_store_never_held",
    ],
    ["degradation", "D3", { name: "time_to_degradation_ms_max", value: 44, threshold: 50 }, "counterexamples"],
  ] as const)("%s, violated by %s, shows no figure that is within its threshold", (id, property_, figure, name) => {
    const red = layer("inject", {
      verdict: "violated",
      properties: [
        property(property_, { verdict: "violated" }),
        property(id === "versions" ? "V3" : "D2", { figures: [figure] }),
      ],
      violations: [violation({ property: property_ }), violation({ property: property_ })],
    });
    expect(lineOf(id, [allHeld, red])).toMatchObject({
      verdict: "violated",
      figure: { name, value: 2 },
      threshold: { direction: "at_most", value: 0 },
    });
  });

  it("never shows the exercise count in place of a figure", () => {
    for (const { figure, figures } of composeReport([allHeld], meta).report.checklist) {
      for (const one of [figure, ...figures]) expect(one?.name ?? "").not.toContain("exercised");
    }
  });

  it("shows for each line on locks its claim and how much was searched", () => {
    const k4 = withFigures("K4", [
      { name: "commands_watched", value: 13_595 },
      { name: "lock_commands_sent", value: 0, threshold: 0 },
      { name: "locks_in_code", value: 0, threshold: 0 },
      { name: "files_searched", value: 94 },
      { name: "functions_on_the_way_of_a_selection", value: 47 },
    ]);
    expect(lineOf("lock_free_only", k4).figure).toMatchObject({
      name: "lock_commands_sent",
      of: "13,595 commands watched",
    });
    expect(lineOf("no_old_lock", k4).figure).toMatchObject({ name: "locks_in_code", of: "94 files searched" });
    expect(lineOf("no_lock_on_path", k4).figure?.of).toBe("47 functions on the way of a selection");
  });

  it.each([
    ["heartbeat_latency", "B1", "heartbeat_ms_p99", 5],
    ["selection_latency", "B2", "selection_ms_p99", 50],
  ] as const)("%s is strict: the bound itself is violated", (id, property, name, value) => {
    expect(lineOf(id, withFigures(property, [{ name, value, threshold: value }])).verdict).toBe("violated");
    expect(lineOf(id, withFigures(property, [{ name, value: value - 0.01, threshold: value }])).verdict).toBe("held");
  });

  it("shows up to which rate a heartbeat takes less than 5 ms", () => {
    const figures = [
      { name: "heartbeat_ms_p99", value: 2, threshold: 5 },
      { name: "heartbeats_per_s_within_5_ms", value: 14_000, threshold: 2_500, direction: "at_least" },
    ] as const;
    expect(lineOf("heartbeat_rate", withFigures("B1", figures))).toMatchObject({
      verdict: "held",
      figure: { name: "heartbeats_per_s_within_5_ms", value: 14_000 },
      threshold: { direction: "at_least", value: 2_500 },
    });
    expect(lineOf("heartbeat_latency", withFigures("B1", figures)).figure?.name).toBe("heartbeat_ms_p99");
  });

  it("is open, not violated, by a figure of a property that the machine left open", () => {
    const b1 = property("B1", {
      verdict: "unknown",
      cause: "machine_load",
      figures: [{ name: "heartbeat_ms_p99", value: 5.4, threshold: 5 }],
    });
    expect(lineOf("heartbeat_latency", [layer("bench", { verdict: "unknown", properties: [b1] })]).verdict).toBe(
      "unknown",
    );
  });

  it("is part of the verdict of the whole", () => {
    const of = (coverage?: number) =>
      composeReport([allHeld], { ...meta, ...(coverage === undefined ? {} : { line_coverage_percent: coverage }) })
        .report;
    expect(of(12.5)).toMatchObject({ verdict: "violated", exit_code: 1 });
    expect(of(81)).toMatchObject({ verdict: "held", exit_code: 0 });
    expect(of()).toMatchObject({ verdict: "held", exit_code: 0 });
    expect(of().checklist.find(({ id }) => id === "line_coverage")?.not_asked).toContain("--coverage");
    const breach = withFigures("B1", [{ name: "heartbeat_ms_p99", value: 5, threshold: 5 }]);
    expect(composeReport(breach, meta).report).toMatchObject({ verdict: "violated", exit_code: 1 });
  });

  it.each([
    [undefined, "not_exercised"],
    [80, "violated"],
    [80.1, "held"],
  ] as const)("judges a line coverage of %s %% as %s: more than 80 is required", (coverage, verdict) => {
    expect(lineOf("line_coverage", [], coverage).verdict).toBe(verdict);
  });
});
