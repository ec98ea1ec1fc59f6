import { describe, expect, it } from "vitest";
import { loadLayers } from "../../../src/verify/wiring.ts";

const layers = loadLayers();

describe("what a verify runs on real servers", () => {
  it("is in full the failovers, the split brain and the migration on each kind of servers that can do them", async () => {
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

  it("is in quick what is quick, once each", async () => {
    const quick = await layers.gateScenarios("quick");
    expect(quick.length).toBeGreaterThan(4);
    expect(quick.filter(({ redis }) => redis !== undefined)).toEqual([]);
    expect(new Set(quick.map(({ scenario }) => scenario)).size).toBe(quick.length);
  });

  it("is on given servers what can be done there, and all of it there", async () => {
    const onCluster = await layers.gateScenarios("full", "cluster");
    expect(onCluster).toContainEqual({ scenario: "slot-migration", redis: "cluster" });
    expect(onCluster.map(({ scenario }) => scenario)).not.toContain("redis-refuses");
    expect(onCluster.every(({ redis }) => redis === "cluster")).toBe(true);
  });
});
