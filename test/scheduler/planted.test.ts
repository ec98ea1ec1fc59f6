import { describe, expect, it } from "vitest";
import { coreMutants } from "../../scenarios/mutants/scheduler/core.ts";
import { loadScheduler } from "../../src/mutants/schedulers.ts";
import { createScheduler } from "../../src/scheduler/scheduler.ts";
import { plantedChecks } from "./support/planted-checks.ts";

describe("the right scheduler", () => {
  it.each(Object.entries(plantedChecks))("passes: %s", (_, check) => check(createScheduler));
});

describe("a planted scheduler", () => {
  it.each(coreMutants)("$id is killed by: $check ($property)", async (planted) => {
    using loaded = await loadScheduler(planted);
    const check = plantedChecks[planted.check];
    if (check === undefined) throw new Error(`no check of the name ${planted.check}`);
    await expect(check(loaded.createScheduler)).rejects.toThrow();
  });

  it("is killed by every check: none is there for nothing", () => {
    const used = new Set(coreMutants.map(({ check }) => check));
    expect(Object.keys(plantedChecks).filter((name) => !used.has(name))).toEqual([]);
  });
});
