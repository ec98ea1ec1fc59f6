import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { findPointOfNoReturn, type SearchOptions } from "../../../src/simulate/explain/point-of-no-return.ts";
import { pointOfNoReturnLines, pointOfNoReturnOf } from "../../../src/simulate/explain/point-of-no-return-report.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { redrawn } from "../../../src/simulate/plan/redrawn.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { deaf, small } from "../small.ts";

/** Fails inevitably from 640 ms on; before that about every second try fails, and fewer the earlier. */
const synthetic: SearchOptions = {
  duration: 1_000,
  tries: 10,
  closely: 5,
  isOver: () => false,
  fails: async (from, nth) => from >= 640 || nth <= Math.floor(from / 100),
};

describe("the point of no return", () => {
  it("is found as closely as was asked for, with shares that only grow", async () => {
    const { isSettled, open, shares, since } = await findPointOfNoReturn(synthetic);
    expect(since).toBeGreaterThanOrEqual(640);
    expect(since - open).toBeLessThanOrEqual(5);
    expect(open).toBeLessThan(640);
    expect(isSettled).toBe(true);
    const failed = shares.map((share) => share.failed);
    expect(failed).toEqual([...failed].sort((a, b) => a - b));
    expect(shares.every(({ tries }) => tries === 10)).toBe(true);
    expect(new Set(failed).size).toBeGreaterThan(4);
  });

  it("is from the start where nothing that is drawn helps", async () => {
    const { shares, since } = await findPointOfNoReturn({ ...synthetic, fails: async () => true });
    expect(since).toBe(0);
    expect(shares[0]).toEqual({ from: 0, failed: 10, tries: 10 });
  });

  it("is not claimed of a time at which there was no time to try", async () => {
    let left = 25;
    const fails = async (): Promise<boolean> => {
      left -= 1;
      return true;
    };
    const cut = await findPointOfNoReturn({
      ...synthetic,
      fails: (from) => (from === 0 ? synthetic.fails(0, 9) : fails()),
      isOver: () => left <= 0,
    });
    // Two times were tried whole, the third was cut off after 5 of 10.
    expect(cut.shares.map(({ from }) => from)).toEqual([0, 250, 500]);
    expect(cut.since).toBe(250);
    expect(cut.isSettled).toBe(false);
    expect(pointOfNoReturnLines(cut, "V3")[0]).toMatch(/there was no time to look more closely$/);
  });
});

describe("a run drawn anew", () => {
  const declared = findScenario("random-nemesis");
  if (declared === undefined) throw new Error("no such scenario");
  const plan = planOf(declared, 3);
  const from = 20_000;
  const other = redrawn(plan, declared, from, 99);

  it("is the same up to there, and another after it", () => {
    expect(other.actions.filter(({ at }) => at < from)).toEqual(plan.actions.filter(({ at }) => at < from));
    expect(other.faults.filter(({ at }) => at < from)).toEqual(plan.faults.filter(({ at }) => at < from));
    expect(other.faults.filter(({ at }) => at >= from)).not.toEqual(plan.faults.filter(({ at }) => at >= from));
    expect(other.scenario.topology).toEqual(plan.scenario.topology);
    expect(other.scenario.settings).toEqual(plan.scenario.settings);
  });

  it("ends every job that had begun as it was to end, once", () => {
    const begun = plan.actions.flatMap((action) =>
      action.kind === "dispatch" && action.at < from ? [action.job] : [],
    );
    expect(begun.length).toBeGreaterThan(10);
    const ends = (actions: typeof plan.actions, job: string) =>
      actions.filter((action) => action.kind === "finish" && action.job === job);
    for (const job of begun) expect(ends(other.actions, job)).toEqual(ends(plan.actions, job));
  });

  it("runs to the same event up to there", async () => {
    const scenario = small();
    const one = planOf(scenario, 1);
    const [first, second] = [
      await runPlan({ plan: one, withText: true }),
      await runPlan({ plan: redrawn(one, scenario, 1_000, 5), withText: true }),
    ];
    const parts = first.lines.findIndex((line, index) => line !== second.lines[index]);
    expect(Number(first.lines[parts]?.split(" ")[0])).toBeGreaterThanOrEqual(100_000);
    expect(Number(first.lines[parts]?.split(" ")[0])).toBeLessThan(115_000);
  });

  it("is the start with a scheduler that is always wrong", async () => {
    const scenario = small([], { duration: 200 });
    const pointOfNoReturn = await pointOfNoReturnOf({
      ...{ plan: planOf(scenario, 1), declared: scenario, property: "V3", createScheduler: deaf },
      isOver: () => false,
    });
    expect(pointOfNoReturn.since).toBe(0);
    expect(pointOfNoReturnLines(pointOfNoReturn, "V3")[0]).toBe(
      "V3 fails whatever is drawn: inevitable from the start, as far as 20 tries show",
    );
  });
});
