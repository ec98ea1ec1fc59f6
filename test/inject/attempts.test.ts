import { describe, expect, it } from "vitest";
import type { Judgement } from "../../src/check/judgement.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { joinVerdicts } from "../../src/check/verdict.ts";
import { Attempts } from "../../src/inject/attempts.ts";
import type { JudgedPair, JudgedProperty } from "../../src/inject/pair.ts";

function judgement(property: PropertyId, verdict: Judgement["verdict"]): Judgement {
  return { property, verdict, exercised: 1, measures: [], violations: [] };
}

function kept(property: PropertyId, verdict: Judgement["verdict"] = "held"): JudgedProperty {
  return { fault: judgement(property, verdict), control: judgement(property, "held"), verdict };
}

function broken(property: PropertyId, how: "marginal" | "firm", side: "fault" | "control" = "fault"): JudgedProperty {
  const found: Judgement = {
    ...judgement(property, "violated"),
    violations: [[`${property} was missed`]],
    ...(how === "marginal" ? { isMarginal: true } : {}),
  };
  return { ...kept(property), [side]: found, verdict: "violated" };
}

function pairOf(...properties: readonly JudgedProperty[]): JudgedPair {
  return {
    verdict: joinVerdicts(properties.map(({ verdict }) => verdict)),
    properties,
    reasons: [],
    withheld: [],
    excluded: [],
  };
}

/** Runs for as long as it is asked to; the last of `pairs` again and again. */
function runAll(...pairs: readonly JudgedPair[]) {
  const attempts = new Attempts();
  for (;;) {
    const judged = pairs[Math.min(attempts.runs, pairs.length - 1)];
    if (judged === undefined) throw new Error("nothing to run");
    if (attempts.add(judged) !== null) continue;
    const { runs, shown, decisive } = attempts;
    return { runs, shown, decisive, ...attempts.conclude(judged) };
  }
}

describe("a pair is run", () => {
  it("once where it held, or broke something firmly", () => {
    expect(runAll(pairOf(kept("D1"), kept("J1")))).toMatchObject({ runs: 1, verdict: "held" });
    expect(runAll(pairOf(broken("J1", "firm")))).toMatchObject({ runs: 1, verdict: "violated" });
    expect(runAll(pairOf(broken("J1", "firm"), kept("K3")))).toMatchObject({ runs: 1, verdict: "violated" });
  });

  it("three times in all while it stays open", () => {
    expect(runAll(pairOf(kept("D1", "unknown")))).toMatchObject({ runs: 3, verdict: "unknown" });
    expect(runAll(pairOf(kept("D1", "unknown")), pairOf(kept("D1")))).toMatchObject({ runs: 2, verdict: "held" });
    expect(runAll(pairOf(kept("D1", "unknown")), pairOf(broken("D1", "firm")))).toMatchObject({ runs: 2 });
  });
});

describe("a bound that was missed by little", () => {
  const missed = pairOf(broken("K3", "marginal"), kept("J1"));
  const held = pairOf(kept("K3"), kept("J1"));

  it("is unknown where it is missed in all three runs, unless it is the mode that leaves normal each time", () => {
    const thrice = runAll(missed);
    expect(thrice).toMatchObject({ runs: 3, verdict: "unknown", decisive: [1, 2, 3] });
    expect(thrice.properties[0]).toMatchObject({ fault: { verdict: "unknown", violations: [] }, verdict: "unknown" });
    const flaps = runAll(pairOf(broken("D3", "marginal"), kept("J1")));
    expect(flaps).toMatchObject({ runs: 3, verdict: "violated", decisive: [1, 2, 3] });
    expect(flaps.properties[0]).toMatchObject({
      verdict: "violated",
      reason: "missed by little in 3 of 3 runs on this seed (runs 1, 2, 3: D3 was missed)",
    });
    expect(flaps.properties[0]?.fault.violations).toHaveLength(1);
  });

  it("is unknown where it is missed in two of three", () => {
    for (const twice of [runAll(missed, held, missed), runAll(missed, missed, held)]) {
      expect(twice).toMatchObject({ runs: 3, verdict: "unknown" });
      expect(twice.properties[0]?.reason).toMatch(
        /^missed by little in 2 of 3 runs on this seed \(runs 1, [23]: K3 was missed\); run again with less beside it/,
      );
      expect(twice.properties[0]?.fault.violations).toEqual([]);
      expect(twice.properties[1]).toMatchObject({ verdict: "held" });
    }
  });

  it("is never held where it is missed in one of three, and the result of each run is reported", () => {
    const once = runAll(missed, held);
    expect(once).toMatchObject({ runs: 3, verdict: "unknown", decisive: [1, 3] });
    expect(once.properties[0]).toMatchObject({ verdict: "unknown" });
    expect(once.properties[0]?.reason).toMatch(
      /^missed by little in 1 of 3 runs on this seed \(run 1: K3 was missed\); run again/,
    );
    expect(once.shown).toEqual([
      {
        run: 1,
        verdict: "violated",
        again: "missed by little (K3: K3 was missed)",
        properties: [
          { id: "K3", verdict: "violated", found: "K3 was missed" },
          { id: "J1", verdict: "held" },
        ],
      },
      expect.objectContaining({ run: 2, verdict: "held", again: "held (a bound was missed by little before)" }),
      {
        run: 3,
        verdict: "held",
        properties: held.properties.map(({ fault }) => ({ id: fault.property, verdict: "held" })),
      },
    ]);
  });

  it("is looked for in two more runs after an open one, too", () => {
    const open = pairOf(kept("K3", "unknown"), kept("J1"));
    expect(runAll(open, missed, held)).toMatchObject({ runs: 4, verdict: "unknown" });
    expect(runAll(missed, open)).toMatchObject({ runs: 4, verdict: "unknown" });
    expect(runAll(missed, open, open, held)).toMatchObject({ runs: 4, verdict: "unknown" });
  });

  it("counts on either side, and stands as soon as something else does", () => {
    const inControl = pairOf(broken("K3", "marginal", "control"), kept("J1"));
    expect(runAll(inControl, missed, inControl)).toMatchObject({ runs: 3, verdict: "unknown" });
    const firm = { ...broken("K3", "marginal"), control: broken("K3", "firm").fault };
    expect(runAll(pairOf(firm))).toMatchObject({ runs: 1, verdict: "violated" });
    const other = runAll(missed, pairOf(broken("K3", "marginal"), broken("J1", "firm")));
    expect(other).toMatchObject({ runs: 2, verdict: "violated" });
    expect(other.properties.map(({ verdict }) => verdict)).toEqual(["unknown", "violated"]);
  });

  it("does not make another one violated, and the runs are limited", () => {
    const ids: readonly PropertyId[] = ["K3", "D1", "D2", "D3", "B2", "V4", "N2"];
    const all = (which: PropertyId) => pairOf(...ids.map((id) => (id === which ? broken(id, "marginal") : kept(id))));
    const each = runAll(...ids.map(all));
    expect(each).toMatchObject({ runs: 6, verdict: "unknown", decisive: [1, 2, 3, 4, 5, 6] });
    expect(each.properties.every(({ fault }) => fault.violations.length === 0)).toBe(true);
    // No run of the last one was made.
    expect(each.properties.filter(({ verdict }) => verdict === "held").map(({ fault }) => fault.property)).toEqual([
      "N2",
    ]);
  });
});
