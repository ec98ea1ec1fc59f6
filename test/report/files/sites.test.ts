/** Findings with a place in the sources: annotations and SARIF. */
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import type { LayerEvidence, Violation } from "../../../src/evidence/evidence.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { annotations, mostAnnotations } from "../../../src/report/files/annotations.ts";
import { sarifLog } from "../../../src/report/files/sarif.ts";
import { noPlaces, type Places, siteOf } from "../../../src/report/files/site.ts";
import { allHeld, layer, meta, property, violation } from "../sample.ts";

const places: Places = {
  base: "harness/",
  scripts: new Map([["reserve_job", { file: "harness/lua/reserve_job.lua", line: 1 }]]),
  scenarios: new Map([["redis-gone", { file: "harness/scenarios/servers/redis-gone.ts", line: 5 }]]),
};
const lock = violation({
  property: "K4",
  scenario: "steady",
  story: ["found lua/reserve_job.lua:12 the name lock, allowed none on the scheduling path"],
});
const divergence = violation({
  layer: "conform",
  scenario: "conform",
  story: ["the reply departs from the model at command 2 of 2: version", "  1. sweep", "  2. send reserve_job node n0"],
});

describe("the place of a violation", () => {
  it.each<[string, Violation, { readonly file: string; readonly line: number } | null]>([
    ["the line that it names", lock, { file: "harness/lua/reserve_job.lua", line: 12 }],
    ["the script of the last command", divergence, { file: "harness/lua/reserve_job.lua", line: 1 }],
    ["its scenario", violation(), { file: "harness/scenarios/servers/redis-gone.ts", line: 5 }],
    ["nowhere for an unknown scenario", violation({ scenario: "gone" }), null],
    ["nowhere for a path that leads out", violation({ scenario: "x", story: ["found src/../../etc/a.ts:1 x"] }), null],
    ["nowhere for a file of others", violation({ scenario: "x", story: ["found /etc/passwd.ts:1 x"] }), null],
  ])("is %s", (_, one, site) => {
    expect(siteOf(one, places)).toEqual(site);
    expect(siteOf(one, noPlaces)).toBeNull();
  });
});

describe("annotations", () => {
  const of = (evidence: readonly LayerEvidence[]) => annotations(composeReport(evidence, meta), places);

  it("have file and line where they are known", () => {
    const red = layer("inject", { verdict: "violated", violations: [lock, violation({ scenario: "gone" })] });
    const [first, second] = of([allHeld, red]);
    expect(first).toMatch(
      /^::error file=harness\/lua\/reserve_job\.lua,line=12,title=K4 violated in steady::found lua/,
    );
    expect(second).toMatch(/^::error title=J1 violated in gone::/);
  });

  it("are one for a kind of violation, and count the others", () => {
    const lines = of([
      layer("inject", { verdict: "violated", violations: [violation(), violation(), violation()] }),
      allHeld,
    ]);
    expect(lines.filter((line) => line.includes("J1 violated"))).toHaveLength(1);
    expect(lines[0]).toMatch(/%0Aand 2 violations more of this kind$/);
  });

  it("are at most nine, violations first, and the last says how many there are besides", () => {
    const open = layer("inject", { properties: propertyIds.map((id) => property(id, { verdict: "unknown" })) });
    const lines = of([open, layer("conform", { verdict: "violated", violations: [violation()] })]);
    expect(lines).toHaveLength(mostAnnotations);
    expect(lines[0]).toContain("J1 violated");
    const shown = mostAnnotations - 1;
    expect(lines.at(-1)).toMatch(/^::error title=lockproof::\d+ further findings/);
    expect(Number(/::(\d+) further/.exec(lines.at(-1) ?? "")?.[1]) + shown).toBeGreaterThan(propertyIds.length);
    expect(of([allHeld])).toEqual([]);
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly message: { readonly text: string };
        readonly locations: readonly unknown[];
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}

describe("sarif.json", () => {
  const of = (violations: readonly Violation[]) =>
    sarifLog(composeReport([layer("inject", { verdict: "violated", violations })], meta), places) as Sarif;

  it("has a result for each kind of violation with a line, with its rule, token and place", () => {
    const again = { ...lock, token: "lp1:other" };
    const [run] = of([lock, again, divergence, violation({ scenario: "gone" })]).runs;
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual(["K4", "J1"]);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    const [first] = run.results;
    expect(first?.message.text).toContain(`replay: lockproof replay ${lock.token}`);
    expect(first?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: "harness/lua/reserve_job.lua", uriBaseId: "%SRCROOT%" },
          region: { startLine: 12 },
        },
      },
    ]);
  });

  it("keeps its fingerprints in another run, and is there without results too", () => {
    const prints = (one: Violation) => of([one]).runs[0].results.map((each) => each.partialFingerprints);
    expect(prints({ ...lock, token: "lp1:other" })).toEqual(prints(lock));
    expect(of([])).toMatchObject({ version: "2.1.0", runs: [{ results: [], tool: { driver: { rules: [] } } }] });
  });
});
