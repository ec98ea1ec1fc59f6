/** Plans are made one at a time, and are the same as those of every earlier version for the same seed. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { generatePlans, type PlanStyle, visitPlans } from "../../src/conform/plan/generate.ts";
import type { Plan } from "../../src/conform/plan/plan.ts";

async function visited(seed: number, runs: number, style: PlanStyle): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  await visitPlans({ seed, runs, style }, async (plan, index) => {
    expect(index).toBe(plans.length);
    plans.push(plan);
    return true;
  });
  return plans;
}

const hash = (plans: readonly Plan[]): string =>
  createHash("sha256").update(JSON.stringify(plans)).digest("hex").slice(0, 16);

describe("plans that are visited one at a time", () => {
  it.each(["sequential", "concurrent"] as const)("are those that are made all at once: %s", async (style) => {
    expect(await visited(31, 60, style)).toEqual(generatePlans(31, 60, style));
  });

  it.each([
    ["sequential", "15415675550b738d"],
    ["concurrent", "0e8fa4a2fec81074"],
  ] as const)("keep the meaning of old tokens: %s", async (style, known) => {
    expect(hash(await visited(8213, 200, style))).toBe(known);
  });

  it("are all visited, whatever time limit fast-check has in the process", async () => {
    const before = fc.readConfigureGlobal();
    onTestFinished(() => fc.configureGlobal(before));
    fc.configureGlobal({ ...before, interruptAfterTimeLimit: 20 });
    let visits = 0;
    await visitPlans({ seed: 1, runs: 20, style: "sequential" }, async () => {
      visits += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return true;
    });
    expect(visits).toBe(20);
  });

  it("are not made before they are asked for", async () => {
    const seen: Plan[] = [];
    await visitPlans({ seed: 1, runs: 1_000_000, style: "sequential" }, async (plan) => {
      seen.push(plan);
      return seen.length < 3;
    });
    expect(seen).toEqual(generatePlans(1, 3));
  });

  it("stop with what the visit throws, as it was thrown", async () => {
    const thrown = new TypeError("on purpose");
    const failing = visitPlans({ seed: 1, runs: 5, style: "sequential" }, () => Promise.reject(thrown));
    await expect(failing).rejects.toBe(thrown);
  });
});
