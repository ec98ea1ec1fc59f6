import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import { verdicts } from "../../../src/check/verdict.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { checklistItems } from "../../../src/report/checklist/checklist-items.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { junitXml } from "../../../src/report/files/junit.ts";
import { hostileTexts } from "../page/hostile.ts";
import { allHeld, layer, meta, property, redisGone, repeat, violation } from "../sample.ts";
import { type GitLabStatus, junitFaults, readAsGitLab } from "./junit-rules.ts";
import { type Element, parseXml } from "./xml.ts";

type Evidence = readonly LayerEvidence[];

function suites(evidence: Evidence): { readonly root: Element; readonly cases: readonly Element[] } {
  const root = parseXml(junitXml(composeReport(evidence, meta)));
  return { root, cases: casesOf(root) };
}

function casesOf(root: Element): readonly Element[] {
  return root.children.flatMap((suite) => suite.children).filter(({ name }) => name === "testcase");
}

/** The testcases with this part. */
function having(tag: string, cases: readonly Element[]): readonly Element[] {
  return cases.filter((one) => one.children.some(({ name }) => name === tag));
}

const red = layer("inject", {
  verdict: "violated",
  properties: [property("J1", { verdict: "violated" })],
  violations: [violation()],
});

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

  it("has one failure for a violated property, which says what was found, and the token in system-out", () => {
    const { root, cases } = suites([redisGone, red]);
    expect(root.attributes["failures"]).toBe("1");
    const [failed] = having("failure", cases);
    expect(failed?.attributes).toMatchObject({
      classname: "lockproof.violations.inject",
      name: "J1 · redis-gone · inject",
    });
    expect(failed?.children).toMatchObject([
      { name: "failure", attributes: { message: violation().story[0], type: "violated" } },
      { name: "system-out", text: `lockproof replay ${violation().token}` },
    ]);
    const skipped = having("skipped", cases).map(({ attributes }) => attributes["name"]?.split(" ")[0]);
    expect(skipped).toEqual(["J1", "inject", "current_jobs", "line_coverage"]);
  });

  it("keeps its names in another run with the same violation, whatever token, seed and figures it has", () => {
    const other = violation({ token: "lp1:inject:9:other", story: ["node n7: 0 -> -1"] });
    const open = (run: string) =>
      [{ kind: "run", id: run, verdict: "broken", cause: "interrupted", reason: `${run} has not ended` }] as const;
    const names = (of: string, evidence: Evidence, seed: number) =>
      casesOf(parseXml(junitXml(composeReport(evidence, { ...meta, seed, open: open(of) })))).map(
        ({ attributes }) => `${attributes["classname"]} ${attributes["name"]}`,
      );
    const again = { ...repeat, token: "lp1:other", attempts: [...repeat.attempts, ...repeat.attempts] };
    const first = names("20261124T101703Z-1", [{ ...red, repeats: [repeat] }], 1);
    const second = names("20261130T101703Z-2", [{ ...red, violations: [other, other], repeats: [again] }], 2);
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it("joins violations of a kind, and keeps all their tokens", () => {
    const tokens = ["lp1:a", "lp1:b", "lp1:c"];
    const many = [...tokens.map((token) => violation({ token })), violation({ scenario: "redis-slow" })];
    const { cases, root } = suites([{ ...red, violations: many }]);
    expect(root.attributes["failures"]).toBe("2");
    const [first] = having("failure", cases);
    expect(first?.children[0]?.attributes["message"]).toMatch(/ \(3 violations\)$/);
    expect(first?.children[1]?.text.split("\n")).toEqual(tokens.map((token) => `lockproof replay ${token}`));
  });

  it.each([
    ["a property", layer("inject", { properties: [property("J1", { verdict: "violated" })] })],
    ["a layer", layer("bench", { verdict: "violated", reason: "the peer is faster" })],
  ])("fails %s that is violated without a violation to show", (_, evidence) => {
    expect(suites([allHeld, evidence]).root.attributes["failures"]).toBe("1");
  });

  it("fails or errs exactly where the report is not held", () => {
    const verdict = fc.constantFrom(...verdicts);
    const part = fc.record({ verdict, whole: verdict, isShown: fc.boolean() });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), (parts) => {
        const evidence = parts.map(({ isShown, verdict: of, whole }) =>
          layer("inject", {
            verdict: whole,
            properties: [property("J1", { verdict: of })],
            violations: isShown && of === "violated" ? [violation()] : [],
          }),
        );
        const composed = composeReport([allHeld, ...evidence], meta);
        const { errors, failures } = parseXml(junitXml(composed)).attributes;
        expect(Number(failures) > 0).toBe(composed.report.verdict === "violated");
        expect(Number(errors) + Number(failures) > 0).toBe(composed.report.verdict !== "held");
      }),
    );
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
        skipped: String(having("skipped", casesOf(root)).length),
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
    const cases = casesOf(root);
    expect(root.attributes["errors"]).toBe("1");
    const shard = cases.find((one) => one.attributes["name"] === "shard");
    expect(shard?.children[0]).toMatchObject({ name: "error", attributes: { message: "3/8: not there" } });
    const runs = cases.find((one) => one.attributes["classname"] === "lockproof.repeats.inject");
    expect(runs?.attributes["name"]).toBe("redis-gone · inject");
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
        expect(cases[0]?.children[0]?.name).toBe("failure");
      }),
    );
    const kept = suites([layer("inject", { violations: [violation({ story: [`a < b & "c"\n]]>`] })] })]);
    expect(kept.cases[0]?.children[0]?.attributes["message"]).toBe(`a < b & "c"\n]]>`);
  });
});

describe("junit.xml for other readers", () => {
  const reports: readonly (readonly [name: string, evidence: Evidence, statuses: readonly GitLabStatus[]])[] = [
    ["held", [allHeld], ["skipped", "success"]],
    ["violated", [allHeld, red], ["failed", "skipped", "success"]],
    ["unknown", [allHeld, layer("inject", { verdict: "unknown", reason: "no time" })], ["error", "skipped", "success"]],
    ["broken", [layer("inject", { verdict: "broken", reason: "crashed" })], ["error", "skipped"]],
  ];

  it.each(reports)("fits the schemas of Jenkins and Surefire where it is %s", (_, evidence) => {
    const { root } = suites(evidence);
    expect(junitFaults(root)).toEqual([]);
    for (const { attributes } of root.children)
      expect(attributes).toMatchObject({ timestamp: "2026-11-24T10:17:03", time: expect.stringMatching(/\.\d{3}$/) });
    const [properties] = root.children[0]?.children ?? [];
    expect(properties?.children.map(({ attributes }) => attributes["name"])).toContain("seed");
  });

  it.each(reports)("is %s for GitLab, which drops no case", (_, evidence, statuses) => {
    const { cases, root } = suites(evidence);
    const read = readAsGitLab(root);
    expect(read.size).toBe(cases.length);
    expect([...new Set(read.values())].sort()).toEqual(statuses);
  });

  it("is refused by the rules where a part is out of place, unknown, missing or miscounted", () => {
    const xml = junitXml(composeReport([allHeld, red], meta));
    const faults = (from: string | RegExp, to: string) => junitFaults(parseXml(xml.replace(from, to)));
    expect(faults('<testsuites name="lockproof"', '<testsuites skipped="0"')).toEqual([
      "testsuites may not have skipped",
    ]);
    expect(faults(/time="\d+\.\d+"\/>/, "/>")).toEqual(["testcase has no time"]);
    expect(
      faults(' failures="1" errors="0" skipped="0" time="0', ' failures="2" errors="0" skipped="0" time="0'),
    ).toEqual(["testsuite violations: failures 2, counted 1"]);
    expect(faults(/<failure (.*?)<\/failure>\n *(<system-out>.*?<\/system-out>)/s, "$2<failure $1</failure>")).toEqual([
      "testcase: failure may not stand here",
    ]);
  });
});
