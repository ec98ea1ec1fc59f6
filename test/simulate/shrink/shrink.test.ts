import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { findSchedulerMutant, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { type Plan, planOf } from "../../../src/simulate/plan/plan.ts";
import { endedAt, moved, withNodes, withoutInstance } from "../../../src/simulate/plan/plan-edit.ts";
import { framed, planFileOf, readPlan } from "../../../src/simulate/plan/plan-file.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { planTokenOf } from "../../../src/simulate/run/token.ts";
import { shrinkPlan } from "../../../src/simulate/shrink/shrink.ts";
import { deaf, small, verdictOf } from "../small.ts";

const noisy = () =>
  planOf(
    small([
      { kind: "redis_latency", at: 100, lasts: 300, adds: 60, link: "both", direction: "both" },
      { kind: "redis_refused", at: 600, lasts: 200, link: "both", instances: [1] },
      { kind: "instance_pause", at: 1_200, lasts: 100, instances: [0] },
    ]),
    1,
  );

describe("shrinking", () => {
  it("leaves of a deaf scheduler's failure what it takes and no more, the same every time", async () => {
    const texts: string[] = [];
    const options = { plan: noisy(), property: "V3", createScheduler: deaf } as const;
    const shrunk = await shrinkPlan({ ...options, onProgress: (text) => texts.push(text) });
    const again = await shrinkPlan(options);
    expect(shrunk?.plan.faults).toEqual([]);
    expect(shrunk?.plan.actions.length).toBeLessThanOrEqual(2);
    expect(shrunk?.plan.scenario.topology).toMatchObject({ instances: 1, partitions: 1 });
    expect(shrunk?.plan.scenario.settings).toEqual({});
    expect(shrunk?.isSettled).toBe(true);
    expect(again).toEqual(shrunk);
    expect(texts[0]).toMatch(/^shrinking: 3 faults, \d+ actions, 2 instances, 4 nodes, 2000 ms {3}\w+, run 2$/);
  });

  it("ends with a plan that needs no seed: written down and read again it is the same run, to the last event", async () => {
    const shrunk = await shrinkPlan({ plan: noisy(), property: "V3", createScheduler: deaf });
    if (shrunk === null) throw new Error("nothing to shrink");
    const token = decodeToken(planTokenOf({ plan: shrunk.plan, property: "V3" }));
    const { plan, property } = readPlan(token.plan, "token");
    const run = await runPlan({ plan, properties: [property], createScheduler: deaf });
    expect(run.hash).toBe(shrunk.hash);
    expect(verdictOf(run, "V3")).toBe("violated");
    expect(plan.seed).toBe(0);
    const ours = await runPlan({ plan, properties: [property] });
    expect(verdictOf(ours, "V3")).toBe("held");
  });

  it("writes down the draws without which it does not fail, and no others", async () => {
    using planted = await loadScheduler(findSchedulerMutant("resync-on-every-gap"));
    const scenario = findScenario("subscriber-deaf");
    if (scenario === undefined) throw new Error("no such scenario");
    const plan = planOf(scenario, 1);
    const { createScheduler } = planted;
    const shrunk = await shrinkPlan({ plan, property: "P1", createScheduler });
    if (shrunk === null) throw new Error("nothing to shrink");
    const breaks = async (some: Plan) =>
      verdictOf(await runPlan({ plan: some, properties: ["P1"], createScheduler }), "P1") === "violated";
    expect(await breaks(shrunk.plan)).toBe(true);
    for (const draw of shrunk.plan.draws) {
      const draws = shrunk.plan.draws.filter((other) => other !== draw);
      expect(await breaks({ ...shrunk.plan, draws })).toBe(false);
    }
    expect(shrunk.plan.faults.length).toBeLessThanOrEqual(2);
    expect(shrunk.plan.actions.length).toBeLessThanOrEqual(15);
  });

  it("asks first whether anybody has to act at all: of many nodes that expire at once none needs a client", async () => {
    using planted = await loadScheduler(findSchedulerMutant("no-jitter"));
    const topology = { instances: 1, nodes: 120, maxJobsPerNode: 1, partitions: 1 };
    const settings = { heartbeatTtl: 1_000, sweepInterval: 50, l1Ttl: 500, missTtl: 100 };
    const scenario = small([], {
      topology,
      settings,
      load: [
        { kind: "read_each", every: 1 },
        { kind: "select", every: 20 },
      ],
    });
    const { createScheduler } = planted;
    const plan = planOf(scenario, 1);
    const shrunk = await shrinkPlan({ plan, property: "C1", createScheduler, events: 100_000 });
    expect(plan.actions.length).toBeGreaterThan(1_000);
    if (shrunk === null) throw new Error("nothing to shrink");
    expect([shrunk.plan.actions, shrunk.plan.faults]).toEqual([[], []]);
    // Cut off in the middle the wave of any scheduler looks like a burst: what is left has to be the planted one's alone.
    const ours = await runPlan({ plan: shrunk.plan, properties: ["C1"] });
    expect(verdictOf(ours, "C1")).not.toBe("violated");
  });

  it("shrinks nothing that holds", async () => {
    expect(await shrinkPlan({ plan: noisy(), property: "V3" })).toBeNull();
  });

  it("ends when its bound is spent, with what it has by then, which still fails", async () => {
    const shrunk = await shrinkPlan({ plan: noisy(), property: "V3", createScheduler: deaf, events: 6_000 });
    if (shrunk === null) throw new Error("nothing to shrink");
    expect(shrunk.isSettled).toBe(false);
    const run = await runPlan({ plan: shrunk.plan, properties: ["V3"], createScheduler: deaf });
    expect(verdictOf(run, "V3")).toBe("violated");
  });
});

describe("a smaller plan", () => {
  const plan = framed(noisy(), "V3");

  it("is over sooner, with what is in force then", () => {
    const sooner = endedAt(plan, 250);
    expect(sooner?.faults).toMatchObject([{ kind: "redis_latency", at: 100, lasts: 150 }]);
    expect(sooner?.actions).toEqual(plan.actions.filter(({ at }) => at < 250));
    expect(sooner?.scenario.duration).toBe(250);
  });

  it("has an instance less: its faults are gone, and another instance or none does its work", () => {
    const alone = withoutInstance(plan, 1, null);
    expect(alone?.faults.map(({ kind }) => kind)).toEqual(["redis_latency", "instance_pause"]);
    expect(alone?.actions).toEqual(plan.actions.filter(({ instance }) => instance === 0));
    const heir = withoutInstance(plan, 0, 1);
    expect(heir?.actions).toHaveLength(plan.actions.length);
    expect(heir?.faults).toMatchObject([{ kind: "redis_latency" }, { kind: "redis_refused", instances: [0] }]);
    expect(new Set(heir?.actions.map(({ instance }) => instance))).toEqual(new Set([0]));
  });

  it("has fewer nodes, and what was about the others is about these", () => {
    const nodes = withNodes(plan, 2)?.actions.flatMap((action) => ("node" in action ? [action.node] : []));
    expect(new Set(nodes)).toEqual(new Set(["node-0", "node-1"]));
  });

  it("is none where a declaration could not say it", () => {
    expect(moved(plan, () => 5)).toBeNull();
    expect(withoutInstance(withoutInstance(plan, 0, null) ?? plan, 0, null)).toBeNull();
  });
});

describe("a written plan", () => {
  const written = planFileOf({ ...framed(noisy(), "V3"), draws: [] }, "V3");

  it.each([
    ["another form", { form: "lockproof-plan/2" }, /form/],
    ["an unknown property", { property: "X9" }, /property/],
    ["an unknown action", { actions: [{ kind: "dance", at: 1, instance: 0 }] }, /actions\.0/],
    ["an action of an instance that there is not", { actions: [{ kind: "select", at: 1, instance: 2 }] }, /actions\.0/],
    ["a fault after its end", { faults: [{ kind: "redis_restart", at: 9_000, data: "lost" }] }, /ends after the run/],
    ["a setting that there is not", { settings: { hurry: 1 } }, /hurry/],
    ["no instance", { topology: { ...written.topology, instances: 0 } }, /topology/],
  ])("with %s is refused, and the place is named", (_, change, place) => {
    const read = () => readPlan({ ...written, ...change }, "plan.json");
    expect(read).toThrow(expect.objectContaining({ name: "UsageError" }));
    const message = (() => {
      try {
        return read();
      } catch (error) {
        return `${String(error)} ${(error as { readonly where?: string }).where}`;
      }
    })();
    expect(message).toMatch(place);
  });

  it("is read as it was written", () => expect(planFileOf(readPlan(written, "plan.json").plan, "V3")).toEqual(written));
});
