import { describe, expect, it } from "vitest";
import { causes } from "../../../src/check/cause.ts";
import { lastLines } from "../../../src/cli/reports/last-lines.ts";
import { composeReport, type RunMeta } from "../../../src/report/document/compose.ts";
import { allHeld, layer, meta, violation } from "../../report/sample.ts";

const open = (cause: (typeof causes)[number]): Partial<RunMeta> => ({
  open: [{ kind: "run", id: "r", verdict: "unknown", cause, reason: "" }],
});
const next = (evidence = [allHeld], parts: Partial<RunMeta> = {}, reports = "reports") =>
  lastLines(composeReport(evidence, { ...meta, ...parts }), "reports/run", reports)[1];

describe("the last lines", () => {
  it("say where the page is", () => {
    const [where] = lastLines(composeReport([allHeld], meta), "reports/run", "reports");
    expect(where).toBe("report: reports/run/index.html");
  });

  it("say what to do next, by verdict and cause", () => {
    expect(next()).toBe("next:   read and sign the page: lockproof open");
    expect(next([layer("conform", { verdict: "violated", violations: [violation()] })])).toBe(
      "next:   lockproof explain latest:1",
    );
    expect(next([allHeld], { line_coverage_percent: 3 })).toMatch(/which figure passed its threshold/);
    expect(next([allHeld], open("budget"))).toMatch(/lockproof verify --seed 8213 --budget 30m$/);
    expect(next([allHeld], { ...open("machine_load"), profile: "full" })).toMatch(/--profile full --seed 8213$/);
    expect(next([allHeld], open("broken"))).toMatch(/lockproof doctor$/);
    expect(next(undefined, undefined, "elsewhere")).toMatch(/--reports elsewhere$/);
  });

  it.each(causes)("have one line for the cause %s", (cause) => {
    expect(next([allHeld], open(cause))).toMatch(/^next: {3}\S.+[a-z0-9.]$/i);
  });
});
