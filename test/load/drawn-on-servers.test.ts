import { describe, expect, it } from "vitest";
import { scenario } from "../../scenarios/declare/declare.ts";
import { endOf, faultSchema } from "../../scenarios/declare/fault-kinds.ts";
import { places, redisTopologies } from "../../scenarios/declare/fault-places.ts";
import randomNemesis from "../../scenarios/mixed/random-nemesis.ts";
import steady from "../../scenarios/mixed/steady.ts";
import { drawnFrom } from "../../src/load/plan/drawn.ts";
import { drawnOnServers } from "../../src/load/plan/drawn-on-servers.ts";

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
const drawsOn = (redis: (typeof redisTopologies)[number]) =>
  seeds.map((seed) => {
    const drawn = drawnOnServers(randomNemesis, redis, seed);
    if (drawn === null) throw new Error("nothing was drawn");
    return { seed, ...drawn };
  });

describe("a nemesis on real servers", () => {
  it("is drawn by scenarios that declare one, and by no others", () => {
    expect(drawnOnServers(steady, "single", 1)).toBeNull();
  });

  it.each(redisTopologies)("does on %s only what can be done there, in time, as a declaration may say it", (redis) => {
    for (const { scenario: drawn } of drawsOn(redis)) {
      for (const fault of drawn.faults) {
        expect(places[fault.kind].redis).toContain(redis);
        expect(endOf(fault)).toBeLessThanOrEqual(drawn.duration - 4_000);
        expect(faultSchema.parse(fault)).toEqual(fault);
      }
      expect(drawn).not.toHaveProperty("nemesis");
      expect(drawn).not.toHaveProperty("swarm");
      expect(scenario({ ...drawn, eventually: {} })).toMatchObject({ faults: drawn.faults });
    }
  });

  it("always has a fault that can be injected there", () => {
    for (const redis of redisTopologies) {
      for (const { scenario: drawn } of drawsOn(redis)) expect(drawn.faults.length).toBeGreaterThan(0);
    }
  });

  it("is what the simulator draws of the same seed, and names what it leaves out", () => {
    for (const { leftOut, scenario: drawn, seed } of drawsOn("single")) {
      const simulated = drawnFrom(randomNemesis, seed);
      const times = [...drawn.faults, ...leftOut.map(({ fault }) => fault)].map(({ at, kind }) => [at, kind] as const);
      expect(times.sort(([a], [b]) => a - b)).toEqual(simulated.faults.map(({ at, kind }) => [at, kind]));
      expect(drawn.topology).toEqual(simulated.topology);
      expect(drawn.settings).toEqual(simulated.settings);
    }
  });

  it("does not hold an instance to what its settings do not promise, nor the server to a count that ended, and says so", () => {
    const draws = drawsOn("single");
    for (const { notJudged, scenario: drawn } of draws) {
      const isSlow = (drawn.settings["pulseInterval"] ?? 15) > 25;
      expect(Object.hasOwn(notJudged, "D2")).toBe(isSlow);
      expect(drawn.always.includes("D2")).toBe(!isSlow);
      expect(drawn.always.includes("C2")).toBe(!Object.hasOwn(notJudged, "C2"));
    }
    expect(new Set(draws.map(({ notJudged }) => Object.hasOwn(notJudged, "D2")))).toEqual(new Set([true, false]));
    expect(new Set(draws.map(({ notJudged }) => Object.hasOwn(notJudged, "C2")))).toEqual(new Set([true, false]));
  });

  it("ends what is held before Toxiproxy takes seconds over it", () => {
    const held = drawsOn("single").flatMap(({ scenario: { faults } }) =>
      faults.filter((fault) => fault.kind === "redis_blackhole" && fault.bytes === "held"),
    );
    expect(held.length).toBeGreaterThan(0);
    for (const fault of held) expect(endOf(fault) - fault.at).toBeLessThanOrEqual(900);
  });

  it("comes to something in most seeds", () => {
    const counts = drawsOn("single").map(({ scenario: { faults } }) => faults.length);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(seeds.length * 0.8);
  });
});
