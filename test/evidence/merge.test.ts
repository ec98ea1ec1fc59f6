import { describe, expect, it } from "vitest";
import type { Cause } from "../../src/check/cause.ts";
import { propertyIds } from "../../src/check/properties.ts";
import { joinVerdicts, type Verdict, verdicts } from "../../src/check/verdict.ts";
import type { LayerEvidence } from "../../src/evidence/evidence.ts";
import { mergeLayers, mergeProperty } from "../../src/evidence/merge.ts";
import { composeReport } from "../../src/report/document/compose.ts";
import { allHeld, layer, meta, property, redisGone, violation } from "../report/sample.ts";

describe("verdicts joined", () => {
  it("are the worst of them, for every pair", () => {
    for (const [worse, one] of verdicts.entries()) {
      for (const other of verdicts.slice(worse)) expect(joinVerdicts([other, one])).toBe(one);
    }
  });

  it("of nothing are not_exercised", () => expect(joinVerdicts([])).toBe("not_exercised"));
});

describe("evidence merged", () => {
  it("sums what was exercised and keeps each token once", () => {
    const merged = mergeProperty("J1", [
      layer("conform", { properties: [property("J1", { exercised: 4, tokens: ["a"] })] }),
      layer("inject", { properties: [property("J1", { exercised: 3, tokens: ["a", "b"] })] }),
    ]);
    expect(merged).toMatchObject({ verdict: "held", exercised: 7, tokens: ["a", "b"] });
  });

  it("ignores a part that did not exercise a property beside one that did", () => {
    const idle = property("J1", { verdict: "not_exercised", exercised: 0, reason: "no job" });
    const merged = mergeProperty("J1", [
      layer("conform", { properties: [idle] }),
      layer("inject", { properties: [property("J1")] }),
    ]);
    expect(merged).toEqual(property("J1"));
  });

  it("keeps the worst of each kind of figure", () => {
    const measured = (latency: number, rate: number) =>
      layer("inject", {
        properties: [
          property("D1", {
            figures: [
              { name: "read_latency_ms_max", value: latency, threshold: 50 },
              { name: "reads_per_second", value: rate, threshold: 100, direction: "at_least" },
            ],
          }),
        ],
      });
    const { figures } = mergeProperty("D1", [measured(3, 400), measured(31, 200), measured(7, 300)]);
    expect(figures.map((figure) => figure.value)).toEqual([31, 200]);
  });

  it("keeps few tokens, those of violations first", () => {
    const many = Array.from({ length: 500 }, (_, index) => `t${index}`);
    const red = layer("inject", {
      properties: [property("J1", { tokens: many })],
      violations: [violation({ token: "red" })],
    });
    const { tokens } = mergeProperty("J1", [red]);
    expect(tokens.slice(0, 2)).toEqual(["red", "t0"]);
    expect(tokens).toHaveLength(20);
  });

  it("never calls held what was not exercised", () => {
    const claimed = layer("conform", { properties: [property("J1", { exercised: 0 })] });
    expect(mergeProperty("J1", [claimed]).verdict).toBe("not_exercised");
  });

  it("makes a property violated by a violation alone, and names its token first", () => {
    const merged = mergeProperty("J1", [
      layer("inject", { properties: [property("J1", { tokens: ["b"] })], violations: [violation({ token: "a" })] }),
    ]);
    expect(merged).toMatchObject({ verdict: "violated", tokens: ["a", "b"] });
  });

  it.each<[Verdict, Verdict, Verdict]>([
    ["held", "unknown", "unknown"],
    ["unknown", "violated", "violated"],
    ["broken", "violated", "violated"],
    ["broken", "stale", "broken"],
  ])("%s and %s are %s", (one, other, both) => {
    const parts = [one, other].map((verdict) =>
      layer("inject", { verdict, properties: [property("J1", { verdict })] }),
    );
    expect(mergeProperty("J1", parts).verdict).toBe(both);
    expect(mergeLayers(parts)).toMatchObject([{ name: "inject", verdict: both, runs: 2, duration_ms: 2_000 }]);
  });
});

describe("a report", () => {
  it("is held, exit 0, where every property of the registry and every layer is", () => {
    const { report } = composeReport([layer("canary"), allHeld], meta);
    expect(report).toMatchObject({ schema: "lockproof-report/2", verdict: "held", exit_code: 0 });
  });

  it.each(propertyIds)("is not green when %s was not exercised", (id) => {
    const rest = { ...allHeld, properties: allHeld.properties.filter((part) => part.id !== id) };
    const { report } = composeReport([rest], meta);
    expect(report).toMatchObject({ verdict: "not_exercised", exit_code: 2 });
    expect(report.properties.find((part) => part.id === id)).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });

  it("lists every property of the registry, in its order, whatever the evidence", () => {
    expect(composeReport([redisGone], meta).report.properties.map((part) => part.id)).toEqual(propertyIds);
  });

  it("never masks a violation by a broken layer, nor a broken layer by an open property", () => {
    const broken = layer("conform", { verdict: "broken", reason: "Redis went away" });
    expect(composeReport([broken, redisGone], meta).report.exit_code).toBe(3);
    expect(
      composeReport([broken, layer("inject", { verdict: "violated", violations: [violation()] })], meta).report
        .exit_code,
    ).toBe(1);
  });
});

describe("the cause of what is open", () => {
  const open = (parts: Partial<LayerEvidence>) => layer("inject", { verdict: "unknown", ...parts });
  const v2 = (cause?: Cause) =>
    property("V2", { verdict: "unknown", reason: "r", ...(cause === undefined ? {} : { cause }) });

  it.each([
    [["machine_load"], "machine_load"],
    [["machine_load", "machine_load"], "machine_load"],
    [["machine_load", undefined], "unspecified"],
    [["machine_load", "budget"], "budget"],
    [["machine_load", "unobserved"], "unobserved"],
  ] as const)("of a property that %j left open is %s", (given, cause) => {
    const evidence = given.map((one) => open({ properties: [v2(one)] }));
    expect(mergeProperty("V2", evidence).cause).toBe(cause);
    expect(mergeLayers(evidence)[0]?.cause).toBe(cause);
  });

  it("is not that of a part that only withheld what another has judged", () => {
    const hiding = layer("inject", {
      verdict: "not_exercised",
      reason: "K4 was withheld",
      cause: "not_exercised",
      withheld: ["K4"],
      properties: [property("K4", { verdict: "not_exercised", exercised: 0 })],
    });
    const judging = open({ properties: [property("K4"), v2("machine_load")] });
    expect(mergeLayers([hiding, judging])[0]).toMatchObject({ verdict: "unknown", cause: "machine_load" });
    expect(mergeLayers([hiding, open({ properties: [v2("machine_load")] })])[0]?.cause).toBe("not_exercised");
  });

  it("is not the machine's load where the layer has another reason of its own", () => {
    const [merged] = mergeLayers([open({ properties: [v2("machine_load")], reason: "3 of 9 were not run" })]);
    expect(merged?.cause).toBe("unspecified");
  });

  it("is absent for held and violated, and ignores parts that did not exercise a property that others did", () => {
    const idle = layer("inject", { properties: [property("V2", { verdict: "not_exercised", exercised: 0 })] });
    expect(mergeProperty("V2", [idle]).cause).toBe("not_exercised");
    expect(mergeProperty("V2", [idle, open({ properties: [v2("machine_load")] })]).cause).toBe("machine_load");
    expect(mergeProperty("V2", [allHeld]).cause).toBeUndefined();
    const red = layer("inject", { verdict: "violated", violations: [violation({ property: "V2" })] });
    expect(mergeProperty("V2", [red, open({ properties: [v2("budget")] })])).not.toHaveProperty("cause");
  });
});
