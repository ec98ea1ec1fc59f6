import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runInject } from "../../../src/inject/run.ts";
import { greetSystem } from "../../../src/inject/systems/greeting.ts";

const ownKeys = fileURLToPath(new URL("own-keys.ts", import.meta.url));
const { signal } = new AbortController();

/** What a run of the scenario finds in the scheduler with this flaw; without one it is right. */
async function judged(scenario: string, flaw: string) {
  const system = await greetSystem({ command: { file: process.execPath, args: [ownKeys, flaw] }, signal });
  const { properties, verdict } = await runInject({ scenario, seed: 3, system, signal });
  return { verdict, violated: properties.filter((one) => one.verdict === "violated").map(({ id }) => id) };
}

describe("a scheduler with keys of its own", { timeout: 120_000 }, () => {
  it("is not accused where it is right", async () => {
    expect(await judged("node-churn", "")).toMatchObject({ violated: [] });
  });

  it.each([
    ["over-commits", "redis-slow", "J2"],
    ["any-incarnation", "node-churn", "N1"],
  ])("that %s in %s is red by %s", async (flaw, scenario, property) => {
    const { verdict, violated } = await judged(scenario, flaw);
    expect(verdict).toBe("violated");
    expect(violated).toContain(property);
  });
});
