import { describe, expect, it } from "vitest";
import { type Declaration, scenario } from "../../scenarios/declare/declare.ts";
import { ScenarioError } from "../../scenarios/declare/error.ts";
import { ms, seconds } from "../../scenarios/declare/units.ts";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import { callMarks } from "../../src/check/call-marks.ts";

const sound: Declaration = {
  name: "sound",
  why: "A declaration that is as it should be can be run.",
  topology: { instances: 2, nodes: 3, maxJobsPerNode: 1, partitions: 1 },
  load: [{ kind: "read", every: ms(10) }],
  faults: [{ kind: "redis_latency", at: seconds(1), lasts: seconds(1), adds: ms(200) }],
  always: ["D1"],
  eventually: { D3: { within: seconds(1) } },
  duration: seconds(3),
};

function refused(parts: Record<string, unknown>): ScenarioError {
  try {
    scenario({ ...sound, ...parts } as Declaration);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error("the declaration was taken");
}

const latency = (at: number, parts: Record<string, unknown> = {}) => {
  return { kind: "redis_latency", at, lasts: 500, adds: 200, ...parts };
};

describe("a declaration", () => {
  it("is taken as it is where it is sound, defaults filled in", () => {
    expect(scenario(sound)).toMatchObject({ ...sound, sometimes: [], settings: {} });
  });

  it.each([
    ["an unknown property", { always: ["D1", "Z9"] }, "always[1]"],
    ["an unknown field", { colour: "red" }, "the declaration"],
    ["an unknown mark", { sometimes: ["never_heard_of"] }, "sometimes[0]"],
    ["an unknown fault", { faults: [{ kind: "redis_laziness", at: 1, lasts: 1 }] }, "faults[0].kind"],
    ["a negative time", { faults: [latency(-1)] }, "faults[0].at"],
    ["no instances", { topology: { ...sound.topology, instances: 0 } }, "topology.instances"],
    ["no load", { load: [] }, "load"],
    ["a fault after the end", { faults: [latency(2_600)] }, "faults[0]"],
    ["a fault of an instance that there is not", { faults: [latency(100, { instances: [2] })] }, "faults[0]"],
    ["a load of an instance that there is not", { load: [{ kind: "read", every: 10, instances: [2] }] }, "load[0]"],
    ["a bound without room before the end", { faults: [latency(1_600)] }, "faults[0] and eventually.D3"],
    [
      "a bound without room before the next fault",
      { faults: [latency(0), latency(900)] },
      "faults[0] and eventually.D3",
    ],
    ["no reason why", { why: "" }, "why"],
  ])("is refused for %s", (_what, parts, where) => {
    expect(refused(parts).where).toBe(`scenario sound: ${where}`);
  });

  it("is refused for two faults of one kind on one target at the same time, naming both", () => {
    const error = refused({ faults: [latency(500), latency(900)], eventually: {} });
    expect(error.found).toBe("redis_latency from 900 ms to 1400 ms overlaps redis_latency from 500 ms to 1000 ms");
    expect(error.where).toBe("scenario sound: faults[1]");
    expect(error.fix).toBe("end the first before 900 ms, or merge the two");
  });

  it.each([
    ["on different instances", [latency(500, { instances: [0] }), latency(900, { instances: [1] })]],
    ["on different links", [latency(500, { link: "feed" }), latency(900, { link: "commands" })]],
    ["one after the other", [latency(500), latency(1_000)]],
    ["of different kinds", [latency(500), { kind: "redis_refused", at: 900, lasts: 300 }]],
  ])("is taken with faults %s", (_how, faults) => {
    expect(scenario({ ...sound, faults, eventually: {} } as Declaration).faults).toHaveLength(2);
  });
});

describe("the registry", () => {
  it("finds every scenario by its name, once", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const each of scenarios) expect(findScenario(each.name)).toBe(each);
    expect(findScenario("redis-none")).toBeUndefined();
  });

  it("has at least two instances everywhere: one alone agrees with itself", () => {
    for (const { topology } of scenarios) expect(topology.instances).toBeGreaterThanOrEqual(2);
  });

  it("takes on real servers in the quick gate, faults and controls together, less than 65 s of load, and no scenario more than 8 s", () => {
    const quick = scenarios.filter(({ gate }) => gate === "quick");
    const load = quick.map(({ duration, faults }) => (faults.length === 0 ? 1 : 2) * duration);
    expect(load.reduce((sum, each) => sum + each, 0)).toBeLessThan(seconds(65));
    expect(Math.max(...quick.map(({ duration }) => duration))).toBeLessThan(seconds(8));
  });

  it("restarts no server that is watched: MONITOR would end with it", () => {
    const watched = scenarios.filter(({ always }) => always.includes("C2") || always.includes("K4"));
    expect(watched.length).toBeGreaterThan(0);
    for (const { faults } of watched) expect(faults.map(({ kind }) => kind)).not.toContain("redis_restart");
  });

  it("measures selections everywhere, under faults and without", () => {
    for (const { always, load } of scenarios.filter(({ gate }) => gate === "quick")) {
      expect(always).toContain("B2");
      expect(load.map(({ kind }) => kind)).toContain("select");
    }
  });

  it("is not exercised where a corner of what clients ask for is not met any longer: one of them is about each", () => {
    const declared = new Set(scenarios.flatMap(({ sometimes }) => sometimes));
    const corners = [...callMarks, "overloaded", "several_pages", "lease_ended", "node_forgotten"] as const;
    expect(corners.filter((corner) => !declared.has(corner))).toEqual([]);
  });

  it("leaves 300 ms beside the bound of D3: faults come and go late on a machine, and what is late has to be seen", () => {
    const claims = scenarios.flatMap((each) =>
      each.eventually.D3 === undefined ? [] : [[each, each.eventually.D3.within] as const],
    );
    expect(claims.length).toBeGreaterThan(20);
    for (const [each, within] of claims) {
      const eventually = { ...each.eventually, D3: { within: within + 300 } };
      expect(() => scenario({ ...each, eventually }), each.name).not.toThrow();
    }
  });

  it("has a scenario for every scheduler mutant that judges the property it breaks", () => {
    for (const { property, scenario, simulated } of schedulerMutants) {
      for (const name of [scenario, simulated]) {
        if (name === undefined || name === null) continue;
        const found = findScenario(name);
        expect([...(found?.always ?? []), ...Object.keys(found?.eventually ?? {})], name).toContain(property);
      }
    }
  });
});
