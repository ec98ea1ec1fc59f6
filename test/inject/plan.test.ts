import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scenarios } from "../../scenarios/registry.ts";
import { planLoad } from "../../src/inject/plan.ts";
import { seededRandom } from "../../src/redis/system.ts";

describe.each(scenarios)("the load of $name", (scenario) => {
  const plan = (seed: number) => planLoad(scenario, seededRandom(seed));

  it("is a function of the seed", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(plan(seed)).toEqual(plan(seed));
        expect(plan(seed)).not.toEqual(plan(seed + 1));
      }),
      { numRuns: 10 },
    );
  });

  it("is in order of time, within the run, and asks for nothing twice under one job id", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const actions = plan(seed);
        const times = actions.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.every((at) => at >= 0 && at < scenario.duration)).toBe(true);
        const placed = actions.flatMap((action) =>
          action.kind === "dispatch" || action.kind === "reserve" ? [action.job] : [],
        );
        expect(new Set(placed).size).toBe(placed.length);
      }),
      { numRuns: 10 },
    );
  });

  it("does every kind of load on every instance, at the declared rate", () => {
    const actions = plan(1);
    for (const { every, kind } of scenario.load) {
      for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
        const count = actions.filter((action) => action.kind === kind && action.instance === instance).length;
        expect(count / (scenario.duration / every)).toBeCloseTo(1, 1);
      }
    }
  });

  it("sends heartbeats of every node, each from one instance", () => {
    const senders = new Map<string, Set<number>>();
    for (const action of plan(1)) {
      if (action.kind === "heartbeat")
        senders.set(action.node, (senders.get(action.node) ?? new Set()).add(action.instance));
    }
    expect(senders.size).toBe(scenario.topology.nodes);
    expect([...senders.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it("ends jobs after they began, in both ways", () => {
    const actions = plan(1);
    const begun = new Map(
      actions.flatMap((action) => ("job" in action && action.kind !== "finish" ? [[action.job, action.at]] : [])),
    );
    const ends = actions.flatMap((action) => (action.kind === "finish" ? [action] : []));
    expect(ends.every(({ at, job }) => at > (begun.get(job) ?? at))).toBe(true);
    expect(new Set(ends.map(({ how }) => how)).size).toBe(2);
  });
});
