import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdicts } from "../../../src/check/verdict.ts";
import type { Figure, LayerEvidence } from "../../../src/evidence/evidence.ts";
import type { StoredReport } from "../../../src/report/document/collect.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { compareRuns, type FigureChange } from "../../../src/report/runs/comparison.ts";
import { changeText, comparisonText } from "../../../src/report/runs/comparison-words.ts";
import { identity, layer, meta, property, redisGone } from "../sample.ts";

function run(evidence: readonly LayerEvidence[], seed = 1): StoredReport {
  const { evidence: stored, report } = composeReport(evidence, { ...meta, seed });
  return { folder: "", run: "run", report, evidence: stored, identity, finished: true };
}

const of = "redis-gone, fault";
const withFigures = (figures: readonly Figure[], seed = 1) =>
  run([layer("inject", { properties: [property("D1", { figures })] })], seed);
const one = (figure: Omit<Figure, "of">, beside: readonly Figure[] = []) => withFigures([{ of, ...figure }, ...beside]);
const figuresIn = (before: StoredReport, after: StoredReport) =>
  compareRuns(before, after).changes.filter((each): each is FigureChange => each.kind === "figure");

/** Reads as a run stores them. */
const reads = (added: number): readonly Figure[] =>
  ["fault", "control"].flatMap((side) => [
    { name: "read_latency_ms_p50", value: 0.02 + added, of: `redis-gone, ${side}` },
    {
      name: "read_latency_ms_p99",
      value: 1.15 + added,
      threshold: 50,
      direction: "at_most",
      of: `redis-gone, ${side}`,
    },
    { name: "read_margin_ms_min", value: 24.58 - added, direction: "at_least", of: `redis-gone, ${side}` },
    { name: "machine_late_ms_p99", value: 8.93, of: `redis-gone, ${side}` },
  ]);

describe("a comparison of two runs", () => {
  it("reports nothing of a run with itself", () => {
    const figure = fc.record({
      name: fc.constantFrom("read_latency_ms_max", "read_margin_ms_min", "heartbeats_per_s", "calls_judged"),
      value: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      threshold: fc.double({ noNaN: true, min: 0, max: 1e6 }),
    });
    const verdict = fc.constantFrom(...verdicts);
    fc.assert(
      fc.property(fc.array(figure, { maxLength: 5 }), verdict, (figures, of) => {
        const seen = run([layer("inject", { properties: [property("D1", { figures, verdict: of })] })]);
        expect(compareRuns(seen, seen).changes).toEqual([]);
      }),
    );
  });

  it("reports 10 ms added to reads as worse, in both languages, and their removal as better", () => {
    const [before, after] = [withFigures(reads(0)), withFigures(reads(10))];
    const worse = compareRuns(before, after);
    expect(worse.compared).toBe(6);
    expect(worse.changes.every(({ change }) => change === "worse")).toBe(true);
    const medians = figuresIn(before, after).filter(({ figure }) => figure === "read_latency_ms_p50");
    expect(medians).toHaveLength(2);
    const [first] = medians;
    expect(first && changeText(first)).toEqual({
      en: `worse  D1 median read (${of}): 0.02 -> 10, lower is better`,
      zh: `变差  D1 读取中位数 (${of})：0.02 -> 10，越低越好`,
    });
    expect(figuresIn(after, before).map(({ change }) => change)).toContain("better");
    expect(figuresIn(after, before).every(({ change }) => change === "better")).toBe(true);
    expect(comparisonText(worse).en).toMatch(/^\d worse · 0 better · 6 figures compared$/);
  });

  it.each([
    ["at_most", 20, 29.9, null],
    ["at_most", 20, 30, { from: 30, to: 20 }],
    ["at_least", 80, 70.1, null],
    ["at_least", 80, 70, { from: 30, to: 20 }],
  ] as const)("reports a margin (%s) that lost a third: %d to %d", (direction, from, to, margin) => {
    const figure = { name: "wide_ms_max", threshold: 50, direction };
    const late = { name: "machine_late_ms_max", value: 1_000, of };
    const [change] = figuresIn(one({ ...figure, value: from }, [late]), one({ ...figure, value: to }, [late]));
    expect(change?.margin ?? null).toEqual(margin);
    if (change !== undefined) expect(changeText(change).en).toMatch(/; margin 30 -> 20$/);
    if (change !== undefined) expect(changeText(change).zh).toMatch(/；余量 30 -> 20$/);
  });

  it("reports a threshold that is passed, also where there was no margin left", () => {
    const counted = { name: "locks_in_code", threshold: 0 };
    expect(figuresIn(one({ ...counted, value: 0 }), one({ ...counted, value: 1 }))).toMatchObject([
      { change: "worse" },
    ]);
  });

  it.each([
    ["within a fifth", { name: "heartbeats_per_s_within_5_ms", value: 1_000 }, 820, []],
    ["past a fifth", { name: "heartbeats_per_s_within_5_ms", value: 1_000 }, 700, ["worse"]],
    ["within a millisecond", { name: "selection_ms_p50", value: 0.1 }, 1, []],
    ["past a millisecond", { name: "selection_ms_p50", value: 0.1 }, 1.2, ["worse"]],
    ["without a better side", { name: "calls_judged", value: 10 }, 1_000, []],
  ] as const)("reports a change by direction and unit: %s", (_, figure, to, changes) => {
    expect(figuresIn(one(figure), one({ ...figure, value: to })).map(({ change }) => change)).toEqual(changes);
  });

  it("leaves out what the machine may have moved, but not a median", () => {
    const late: Figure = { name: "machine_late_ms_p99", value: 30, of };
    const change = (name: string) => figuresIn(one({ name, value: 1 }, [late]), one({ name, value: 21 }, [late]));
    expect(change("selection_ms_p99")).toEqual([]);
    expect(change("selection_ms_p50")).toHaveLength(1);
  });

  it("compares simulated figures of two seeds by their margins alone", () => {
    const simulated = (value: number, seed: number) =>
      withFigures([{ name: "time_to_repair_ms_p50", value, of: "steady, simulated" }], seed);
    expect(figuresIn(simulated(10, 1), simulated(90, 2))).toEqual([]);
    expect(figuresIn(simulated(10, 1), simulated(90, 1))).toHaveLength(1);
  });

  it("reports verdicts that changed, and figures that are gone", () => {
    const red = run([layer("inject", { properties: [property("D1", { verdict: "violated" })] })]);
    const { changes, missing } = compareRuns(run([redisGone]), red);
    expect(missing).toBe(3);
    expect(changes.map((each) => changeText(each).en)).toContain("worse  D1: held -> violated");
    expect(changes.map((each) => changeText(each).zh)).toContain("变差  D1：成立 -> 违反");
    expect(compareRuns(red, run([redisGone])).changes[0]).toMatchObject({ id: "D1", change: "better" });
  });
});
