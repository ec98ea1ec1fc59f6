import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { checklistItems } from "../../../src/report/checklist/checklist-items.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { junitXml } from "../../../src/report/files/junit.ts";
import { hostileTexts } from "../page/hostile.ts";
import { allHeld, layer, meta, property, redisGone, repeat, violation } from "../sample.ts";
import { type Element, parseXml } from "./xml.ts";

function suites(evidence: readonly LayerEvidence[]): { readonly root: Element; readonly cases: readonly Element[] } {
  const root = parseXml(junitXml(composeReport(evidence, meta)));
  return { root, cases: root.children.flatMap((suite) => suite.children) };
}

describe("junit.xml", () => {
  it("has a passed testcase for each property that is held", () => {
    const { root, cases } = suites([allHeld]);
    expect(root.attributes).toMatchObject({
      failures: "0",
      errors: "0",
      tests: String(propertyIds.length + 1 + checklistItems.length),
    });
    const marked = cases.flatMap((one) => one.children).filter(({ name }) => name !== "system-out");
    expect(marked).toMatchObject([{ name: "skipped", attributes: { message: expect.stringContaining("--coverage") } }]);
  });

  it("fails a violated property and each violation, and shows how to replay it", () => {
    const { root, cases } = suites([redisGone, layer("inject", { verdict: "violated", violations: [violation()] })]);
    const failed = cases.filter((one) => one.children[0]?.name === "failure");
    expect(failed.map((one) => one.attributes["classname"])).toEqual([
      "lockproof.layers",
      "lockproof.properties",
      "lockproof.checklist",
      "lockproof.violations.inject",
    ]);
    expect(root.attributes["failures"]).toBe("4");
    expect(failed.at(-1)?.children[0]?.text).toContain(`replay: lockproof replay ${violation().token}`);
  });

  it.each(["unknown", "not_exercised", "stale", "broken"] as const)(
    "makes a property that is %s an error, never a pass",
    (verdict) => {
      const { cases } = suites([layer("inject", { properties: [property("J1", { verdict })] })]);
      const j1 = cases.find((one) => one.attributes["name"]?.startsWith("J1 "));
      expect(j1?.children[0]).toMatchObject({ name: "error", attributes: { type: verdict } });
    },
  );

  it("fails a line that is violated by its figure alone, and skips one that was not asked for", () => {
    const of = (coverage?: number) => {
      const covered = coverage === undefined ? {} : { line_coverage_percent: coverage };
      const root = parseXml(junitXml(composeReport([allHeld], { ...meta, ...covered })));
      const line = root.children
        .flatMap((suite) => suite.children)
        .find((one) => one.attributes["name"]?.startsWith("line_coverage"));
      return {
        failures: root.attributes["failures"],
        skipped: root.attributes["skipped"],
        tag: line?.children[0]?.name,
      };
    };
    expect(of(12.5)).toEqual({ failures: "1", skipped: "0", tag: "failure" });
    expect(of()).toEqual({ failures: "0", skipped: "1", tag: "skipped" });
  });

  it("has an error for each missing part, and each run of a repeated scenario", () => {
    const open = [
      { kind: "shard", id: "3/8", verdict: "unknown", cause: "missing_shard", reason: "not there" },
    ] as const;
    const again = layer("inject", { repeats: [repeat] });
    const root = parseXml(junitXml(composeReport([allHeld, again], { ...meta, open })));
    const cases = root.children.flatMap((suite) => suite.children);
    expect(root.attributes["errors"]).toBe("1");
    expect(cases.find((one) => one.attributes["name"] === "shard 3/8")?.children[0]?.name).toBe("error");
    const runs = cases.find((one) => one.attributes["classname"] === "lockproof.repeats.inject");
    expect(runs?.attributes["name"]).toContain("2 runs on one seed");
    expect(runs?.children[0]?.text).toContain("run 1 violated; run again: missed by little (D1: 51 ms)\nrun 2 held");
  });

  it("is well-formed and keeps the words, whatever an explanation holds", () => {
    fc.assert(
      fc.property(hostileTexts(), (text) => {
        const story = [text, text];
        const { cases } = suites([
          layer("inject", {
            verdict: "violated",
            reason: text,
            violations: [violation({ story, scenario: text, token: text })],
          }),
        ]);
        expect(cases.at(-1)?.children[0]?.name).toBe("failure");
      }),
    );
    const kept = suites([layer("inject", { violations: [violation({ story: [`a < b & "c"\n]]>`] })] })]);
    expect(kept.cases.at(-1)?.children[0]?.attributes["message"]).toBe(`a < b & "c"\n]]>`);
  });
});
