import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../src/check/properties.ts";
import { composeReport } from "../../src/report/compose.ts";
import type { LayerEvidence } from "../../src/report/evidence.ts";
import { junitXml } from "../../src/report/junit.ts";
import { hostileTexts } from "./hostile.ts";
import { allHeld, layer, meta, property, redisGone, violation } from "./sample.ts";
import { type Element, parseXml } from "./xml.ts";

function suites(evidence: readonly LayerEvidence[]): { readonly root: Element; readonly cases: readonly Element[] } {
  const root = parseXml(junitXml(composeReport(evidence, meta)));
  return { root, cases: root.children.flatMap((suite) => suite.children) };
}

describe("junit.xml", () => {
  it("has a passed testcase for each property that is held", () => {
    const { root, cases } = suites([allHeld]);
    expect(root.attributes).toMatchObject({ failures: "0", errors: "0", tests: String(propertyIds.length + 1) });
    expect(cases.every((one) => one.children.length === 0)).toBe(true);
  });

  it("fails a violated property and each violation, and shows how to replay it", () => {
    const { root, cases } = suites([redisGone, layer("inject", { verdict: "violated", violations: [violation()] })]);
    const failed = cases.filter((one) => one.children[0]?.name === "failure");
    expect(failed.map((one) => one.attributes["classname"])).toEqual([
      "lockproof.layers",
      "lockproof.properties",
      "lockproof.violations.inject",
    ]);
    expect(root.attributes["failures"]).toBe("3");
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

  it("is well-formed and keeps the words, whatever a story holds", () => {
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
