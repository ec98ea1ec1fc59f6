import { describe, expect, it } from "vitest";
import { endOf } from "../../../scenarios/declare/fault-kinds.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import { type Branch, planOfRecipe } from "../../../src/simulate/plan/branch.ts";
import { changed } from "../../../src/simulate/plan/changed.ts";
import type { Plan } from "../../../src/simulate/plan/plan.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { subjectOf } from "../../../src/simulate/plan/redrawn.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { small } from "../small.ts";

const found = findScenario("random-nemesis");
if (found?.nemesis === undefined) throw new Error("no such scenario, or without a nemesis");
const declared = { ...found, nemesis: found.nemesis };
const from = 20_000;
const plan = planOf(declared, 3);
const many = Array.from({ length: 200 }, (_, seed) => changed(plan, declared, { from, seed }));

function differs(one: Plan, part: "faults" | "actions"): boolean {
  return JSON.stringify(one[part]) !== JSON.stringify(plan[part]);
}

describe("a changed plan", () => {
  it("is as it was up to the moment", () => {
    for (const one of many) {
      expect(one.faults.filter(({ at }) => at <= from)).toEqual(plan.faults.filter(({ at }) => at <= from));
      expect(one.actions.filter(({ at }) => at <= from)).toEqual(plan.actions.filter(({ at }) => at <= from));
    }
  });

  it("has more, fewer or other faults, or other actions, after it", () => {
    expect(many.filter((one) => differs(one, "faults") || differs(one, "actions")).length).toBeGreaterThan(180);
    expect(many.some((one) => one.faults.length > plan.faults.length)).toBe(true);
    expect(many.some((one) => one.faults.length < plan.faults.length)).toBe(true);
    expect(many.some((one) => one.actions.length > plan.actions.length)).toBe(true);
    expect(many.some((one) => one.actions.length < plan.actions.length)).toBe(true);
  });

  it("has faults of the scenario's kinds, lengths and distances alone, in order, and never two at a time", () => {
    const { lasts, until, weights } = declared.nemesis;
    for (const { faults, scenario } of many) {
      expect(scenario.faults).toBe(faults);
      for (const [index, fault] of faults.entries()) {
        expect(Object.keys(weights)).toContain(fault.kind);
        expect(endOf(fault)).toBeLessThanOrEqual(until);
        expect(endOf(fault) - fault.at).toBeLessThanOrEqual(lasts[1]);
        const next = faults[index + 1];
        if (next !== undefined) expect(next.at).toBeGreaterThanOrEqual(endOf(fault));
      }
    }
  });

  it("ends what it begins, in order of time", () => {
    const kindsOf = ({ actions }: Plan, subject: string | null) =>
      actions.filter((action) => subjectOf(action) === subject).map(({ kind }) => kind);
    for (const one of many.slice(0, 40)) {
      expect(one.actions.every(({ at }, index) => at >= (one.actions[index - 1]?.at ?? 0))).toBe(true);
      for (const subject of new Set(one.actions.flatMap((action) => subjectOf(action) ?? [])))
        expect(kindsOf(one, subject)).toEqual(kindsOf(plan, subject));
    }
  });

  it("keeps declared faults as they are declared", () => {
    const own = { kind: "redis_reset", at: 1_000, lasts: 100, link: "both" } as const;
    const nemesis = { weights: { redis_reset: 1 }, pause: [10, 50], lasts: [10, 50], until: 1_900 } as const;
    const scenario = { ...small([own]), nemesis: { ...nemesis, pause: [10, 50], lasts: [10, 50] } } as typeof declared;
    const whole = planOf(scenario, 1);
    const [first] = scenario.faults;
    for (let seed = 0; seed < 50; seed += 1)
      expect(changed(whole, scenario, { from: 0, seed }).faults).toContain(first);
  });
});

describe("a chain of branches", () => {
  const branches: readonly Branch[] = [
    { how: "redrawn", from: 500, seed: 7 },
    { how: "changed", from: 900, seed: 8 },
    { how: "reordered", from: 1_300, seed: 9 },
  ];
  const scenario = small();

  it("is the same run every time, and up to each moment the run that it branches from", async () => {
    const run = (length: number) =>
      runPlan({
        plan: planOfRecipe(scenario, { seed: 1, branches: branches.slice(0, length) }),
        properties: [],
        withText: true,
      });
    const runs = [await run(0), await run(1), await run(2), await run(3)];
    expect((await run(3)).hash).toBe(runs[3]?.hash);
    for (const [index, { from: moment }] of branches.entries()) {
      const [one, other] = [runs[index]?.lines ?? [], runs[index + 1]?.lines ?? []];
      const parts = one.findIndex((line, at) => line !== other[at]);
      expect(parts).toBeGreaterThan(100);
      expect(Number(one[parts]?.split(" ")[0])).toBeGreaterThanOrEqual(moment * 100);
    }
  });

  it("keeps faults and actions where it is only reordered", () => {
    const one = planOfRecipe(scenario, { seed: 1, branches: branches.slice(0, 2) });
    const other = planOfRecipe(scenario, { seed: 1, branches });
    expect(other).toEqual({
      ...one,
      reseeded: [
        { from: 500, seed: 7 },
        { from: 1_300, seed: 9 },
      ],
    });
  });

  it("forgets what a branch from an earlier moment replaces", () => {
    const back = planOfRecipe(scenario, { seed: 1, branches: [...branches, { how: "redrawn", from: 200, seed: 5 }] });
    expect(back.reseeded).toEqual([{ from: 200, seed: 5 }]);
    expect(back.faults).toEqual(
      planOfRecipe(scenario, { seed: 1, branches: [{ how: "redrawn", from: 200, seed: 5 }] }).faults,
    );
  });
});
