import { describe, expect, it } from "vitest";
import type { PropertyId } from "../../../src/check/properties.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { runSimulate } from "../../../src/simulate/batch/batch.ts";
import { brokenFigures, brokenPromises, togetherOf } from "./promises.ts";

const now = () => performance.now();
const { signal } = new AbortController();

describe("promises that are broken all at once", () => {
  it("are each of another property", () => {
    const properties = brokenPromises.map(({ mutant }) => mutant.property);
    expect(new Set(properties).size).toBe(brokenPromises.length);
  });

  it("are each named by the simulated runs in which each alone shows, however early another one shows", async () => {
    using loaded = await loadScheduler(togetherOf(brokenPromises));
    const planted = { id: null, createScheduler: loaded.createScheduler };
    const named = new Set<PropertyId>();
    for (const scenario of new Set(brokenPromises.map(({ mutant }) => mutant.simulated ?? ""))) {
      const seeds = { from: 0, to: scenario === "random-nemesis" ? 19 : 1 };
      const { violations } = await runSimulate({ scenario, seeds, signal, now, planted, failures: "plain" });
      for (const { property } of violations) named.add(property);
    }
    const expected = brokenPromises.map(({ mutant }) => mutant.property);
    expect(expected.filter((property) => !named.has(property))).toEqual([]);
  }, 120_000);

  it("can be applied with every changed figure too", async () => {
    using loaded = await loadScheduler(togetherOf([...brokenPromises, ...brokenFigures]));
    expect(loaded.createScheduler).toBeTypeOf("function");
  });
});
