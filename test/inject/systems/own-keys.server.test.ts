// @module-tag slow
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runInject } from "../../../src/inject/run.ts";
import { greetSystem } from "../../../src/inject/systems/greeting.ts";

const ownKeys = fileURLToPath(new URL("own-keys.ts", import.meta.url));
/** Within it a run that a busy machine leaves open is repeated, in ms. */
const budget = 80_000;

/** Judges a run of the scenario on the scheduler with this flaw; with an empty flaw it is right. */
async function judged(scenario: string, flaw: string, level = 2) {
  const signal = AbortSignal.timeout(budget);
  const args = [ownKeys, flaw, String(level)];
  const system = await greetSystem({ command: { file: process.execPath, args }, signal });
  const { cause, json, properties, verdict } = await runInject({ scenario, seed: 3, system, signal });
  const violated = properties.filter((one) => one.verdict === "violated").map(({ id }) => id);
  const exercised = properties.filter((one) => one.exercised > 0).map(({ id }) => id);
  const causes = [cause, ...properties.filter((one) => one.verdict === "unknown").map((one) => one.cause)];
  const isHeldButForLoad = verdict === "held" || causes.includes("machine_load");
  return { verdict, violated, exercised, isHeldButForLoad, reasons: json["reasons"], notMade: json["not_made"] };
}

describe("a scheduler with keys of its own", { timeout: 120_000, tags: ["nightly"] }, () => {
  it.each(["node-churn", "reply-lost", "leases-end", "long-jobs", "redis-gone"])(
    "is not accused in %s where it is right",
    async (scenario) => {
      const { reasons, violated } = await judged(scenario, "");
      expect(violated).toEqual([]);
      expect(reasons).not.toContainEqual(expect.stringMatching(/never took effect|never seen/));
    },
  );

  it.each([
    ["over-commits", "redis-slow", "J2"],
    ["any-incarnation", "node-churn", "N1"],
    ["shortens-leases", "long-jobs", "V2"],
    ["forgets-finished", "leases-end", "J3"],
    ["keeps-misses", "leases-end", "N3"],
    ["keeps-lost", "redis-gone", "V2"],
  ])("that %s in %s is red by %s", async (flaw, scenario, property) => {
    const { verdict, violated } = await judged(scenario, flaw);
    expect(verdict).toBe("violated");
    expect(violated).toContain(property);
  });
});

describe("a scheduler that claims the operations of a level alone", { timeout: 120_000 }, () => {
  it.each([
    [0, ["J2", "J4"], ["get_node", "heartbeat", "release_job", "select_nodes"]],
    [1, ["J2", "J4", "V2", "D1"], ["select_nodes"]],
  ])("is judged by what it claims, at level %i", async (level, asked, unclaimed) => {
    const found = await judged("redis-slow", "", level);
    expect(found).toMatchObject({ violated: [], isHeldButForLoad: true });
    expect(found.exercised).toEqual(expect.arrayContaining(asked));
    expect(Object.keys(found.notMade as object).sort()).toEqual(unclaimed);
  });

  it.each([
    ["", []],
    ["forgets-outages", ["N4"]],
  ])("%s meets N4 at level 1 where Redis is away for longer than a TTL", { tags: ["nightly"] }, async (flaw, named) => {
    const { exercised, violated } = await judged("redis-gone-long", flaw, 1);
    expect({ isMet: exercised.includes("N4"), violated }).toEqual({ isMet: true, violated: named });
  });

  it("is red by J2 where it over-commits", async () => {
    expect(await judged("redis-slow", "over-commits", 0)).toMatchObject({ verdict: "violated", violated: ["J2"] });
  });

  it("is not held where it gives no place", async () => {
    expect((await judged("redis-slow", "always-full", 0)).verdict).not.toBe("held");
  });
});
