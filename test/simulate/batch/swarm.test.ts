import { describe, expect, it } from "vitest";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { small } from "../small.ts";

describe("a swarm", () => {
  const declared = small([], { swarm: { settings: { l1Ttl: [300, 900] } } });
  const drawn = Array.from({ length: 20 }, (_, index) => planOf(declared, index + 1).scenario.settings["l1Ttl"] ?? 0);

  it("draws settings from their ranges, but for one seed in ten, which has them as they are declared", () => {
    const usual = drawn.filter((_, index) => (index + 1) % 10 === 0);
    expect(usual).toEqual([200, 200]);
    for (const value of drawn.filter((_, index) => (index + 1) % 10 !== 0)) {
      expect(value).toBeGreaterThanOrEqual(300);
      expect(value).toBeLessThanOrEqual(900);
    }
    expect(new Set(drawn).size).toBeGreaterThan(6);
  });
});
