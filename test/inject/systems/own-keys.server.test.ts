import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runInject } from "../../../src/inject/run.ts";
import { greetSystem } from "../../../src/inject/systems/greeting.ts";

const ownKeys = fileURLToPath(new URL("own-keys.ts", import.meta.url));
const { signal } = new AbortController();

/** What a run of the scenario finds in the scheduler with this flaw; without one it is right. */
async function judged(scenario: string, flaw: string) {
  const system = await greetSystem({ command: { file: process.execPath, args: [ownKeys, flaw] }, signal });
  const { json, properties, verdict } = await runInject({ scenario, seed: 3, system, signal });
  const violated = properties.filter((one) => one.verdict === "violated").map(({ id }) => id);
  return { verdict, violated, reasons: json["reasons"] };
}

describe("a scheduler with keys of its own", { timeout: 120_000, tags: ["nightly"] }, () => {
  it.each(["node-churn", "reply-lost"])("is not accused in %s where it is right", async (scenario) => {
    const { reasons, violated } = await judged(scenario, "");
    expect(violated).toEqual([]);
    expect(reasons).not.toContainEqual(expect.stringMatching(/never took effect|never seen/));
  });

  it.each([
    ["over-commits", "redis-slow", "J2"],
    ["any-incarnation", "node-churn", "N1"],
    ["shortens-leases", "long-jobs", "J2"],
  ])("that %s in %s is red by %s", async (flaw, scenario, property) => {
    const { verdict, violated } = await judged(scenario, flaw);
    expect(verdict).toBe("violated");
    expect(violated).toContain(property);
  });
});
