import { describe, expect, it } from "vitest";
import { loadLayers } from "../../../src/verify/wiring.ts";

const layers = loadLayers();

describe("the scenarios of verify on real servers", () => {
  it("in full include failovers, split brain and migration on each topology that can do them", async () => {
    const full = await layers.gateScenarios("full");
    for (const scenario of ["failover-loses-writes", "split-brain", "slot-migration"]) {
      expect(full).toContainEqual({ scenario });
    }
    for (const redis of ["sentinel", "cluster"] as const) {
      expect(full).toContainEqual({ scenario: "failover-loses-writes", redis });
    }
    for (const redis of ["sentinel", "cluster"] as const) {
      expect(full).toContainEqual({ scenario: "split-brain", redis });
    }
  });

  it("in quick are the quick ones, once each", async () => {
    const quick = await layers.gateScenarios("quick");
    expect(quick.length).toBeGreaterThan(4);
    expect(quick.filter(({ redis }) => redis !== undefined)).toEqual([]);
    expect(new Set(quick.map(({ scenario }) => scenario)).size).toBe(quick.length);
  });

  it("on given servers are those that can run there", async () => {
    const onCluster = await layers.gateScenarios("full", "cluster");
    expect(onCluster).toContainEqual({ scenario: "slot-migration", redis: "cluster" });
    expect(onCluster.map(({ scenario }) => scenario)).not.toContain("redis-refuses");
    expect(onCluster.every(({ redis }) => redis === "cluster")).toBe(true);
  });
});
