/** A report of a system of which no property is asked for is never held: neither by its canary nor by its checklist. */
import { describe, expect, it } from "vitest";
import { composeReport } from "../../../src/report/document/compose.ts";
import { allHeld, identity, layer, meta, property, violation } from "../sample.ts";

const system = { name: "s", version: "1", asked: [] as string[] };
const reportOf = (asked: readonly string[], evidence: Parameters<typeof composeReport>[0]) => {
  const chosen = { ...identity.chosen, system: { ...system, asked: [...asked] } };
  return composeReport(evidence, { ...meta, identity: { ...identity, chosen } }).report;
};

describe("a report of a system that claims nothing", () => {
  const open = [{ kind: "run", id: "properties", verdict: "not_exercised", cause: "not_exercised" }];

  it.each([
    ["by its canary alone", [layer("canary")]],
    ["by properties that it did not claim", [layer("canary"), allHeld]],
    ["by nothing", []],
  ])("is not held %s", (_, evidence) => {
    expect(reportOf([], evidence)).toMatchObject({ verdict: "not_exercised", exit_code: 2, open });
  });

  it("is violated where a property is", () => {
    const red = layer("inject", { verdict: "violated", violations: [violation()], properties: [] });
    expect(reportOf([], [red])).toMatchObject({ verdict: "violated", exit_code: 1 });
  });

  it("is held by a property that is asked for", () => {
    const evidence = [layer("canary"), layer("inject", { properties: [property("J2")] })];
    expect(reportOf(["J2"], evidence)).toMatchObject({ verdict: "held", exit_code: 0, open: [] });
  });
});
