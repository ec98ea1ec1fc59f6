import { describe, expect, it } from "vitest";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { withBlocks } from "../../../src/simulate/guided/blocks.ts";
import { Coverage } from "../../../src/simulate/guided/coverage.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { Ears, small } from "../small.ts";

const restart = { kind: "redis_restart", at: 700, data: "lost" } as const;
const reset = { kind: "redis_reset", at: 1_000, lasts: 200, link: "both" } as const;
const plan = planOf(small([restart, reset]), 1);

async function covered() {
  const coverage = new Coverage();
  const ears = new Ears("scheduler.epoch_left", "scheduler.mode_changed");
  const run = await runPlan({ plan, listeners: [coverage, ears] });
  return { reached: coverage.finish(run.judgements), ears, run };
}

describe("the coverage of a run", () => {
  it("has each situation with the first moment of it", async () => {
    const { ears, reached } = await covered();
    const left = ears.of("scheduler").filter(({ what }) => what.kind === "epoch_left");
    expect(reached.get("times epoch_left x1")).toBe(left[0]?.at);
    const degraded = ears.of("scheduler").find(({ what }) => what.kind === "mode_changed" && what.to === "l2_only");
    expect(reached.get("times degraded x1")).toBe(degraded?.at);
    expect([...reached.keys()].some((one) => /^after \S.* after epoch_left$/.test(one))).toBe(true);
  });

  it("names the fault in force and the mode, and which properties were exercised under both", async () => {
    const { reached, run } = await covered();
    const names = [...reached.keys()];
    expect(names.some((one) => /^under .* under redis_reset in l2_only$/.test(one))).toBe(true);
    const judged = names.filter((one) => one.startsWith("judged "));
    expect(judged).toContain("judged J1 under redis_reset in l2_only");
    const exercised = run.judgements.filter((one) => one.exercised > 0).map(({ property }) => property);
    expect(new Set(judged.map((one) => one.split(" ")[1]))).toEqual(new Set(exercised));
  });

  it("has no property that was not exercised, and no fault that was not in force", async () => {
    const { reached } = await covered();
    expect([...reached.keys()].filter((one) => /redis_latency|judged D4/.test(one))).toEqual([]);
  });

  it("does not change the run", async () => {
    const { run } = await covered();
    expect(run.hash).toBe((await runPlan({ plan })).hash);
  });
});

describe("the blocks of the source", () => {
  it("are reported by a copy that runs exactly as the source does", async () => {
    using loaded = await loadScheduler(null, withBlocks);
    const { createScheduler } = loaded;
    const coverage = new Coverage();
    const run = await runPlan({ plan, createScheduler, listeners: [coverage] });
    expect(run.hash).toBe((await runPlan({ plan })).hash);
    const blocks = [...coverage.finish(run.judgements).keys()].filter((one) => one.startsWith("block "));
    expect(blocks.length).toBeGreaterThan(300);
    expect(blocks.every((one) => /^block [\w/-]+\.ts:\d+:\d+$/.test(one))).toBe(true);
  });

  it("are those of the run, not of the process: a run without faults enters fewer", async () => {
    using loaded = await loadScheduler(null, withBlocks);
    const { createScheduler } = loaded;
    const blocksOf = async (of: typeof plan) => {
      const coverage = new Coverage();
      const run = await runPlan({ plan: of, createScheduler, listeners: [coverage] });
      return new Set([...coverage.finish(run.judgements).keys()].filter((one) => one.startsWith("block ")));
    };
    const [faulty, calm, again] = [await blocksOf(plan), await blocksOf(planOf(small(), 1)), await blocksOf(plan)];
    const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
      [...one].filter((name) => !other.has(name));
    expect(without(faulty, calm).length).toBeGreaterThan(without(calm, faulty).length);
    expect(again).toEqual(faulty);
  });

  it("are named for each kind: function, loop, side of a condition, case", () => {
    const text = `function f(a) {
  if (a) return 1; else a = 2;
  for (const b of a) b();
  switch (a) { case 1: return 2; }
  return a ? 3 : a && 4;
}`;
    const written = withBlocks(text, "a.ts");
    expect(written.match(/\$blocks\.first\(/g)).toHaveLength(8);
    expect(written).toContain("else {$seen[");
    expect(written.split("\n")).toHaveLength(text.split("\n").length);
  });
});
