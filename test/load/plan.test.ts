import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import { suits } from "../../src/check/suitable.ts";
import { offerOf, selectionNames, selections, wanted } from "../../src/load/plan/offer.ts";
import { type Action, planLoad } from "../../src/load/plan/plan.ts";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";

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

  it("is in order of time, within the run, and asks for nothing twice under one job id but for what is delivered twice", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const actions = plan(seed);
        const moments = actions.map(({ at }) => at);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
        expect(moments.every((at) => at >= 0 && at < scenario.duration)).toBe(true);
        const placed = actions.flatMap((action) =>
          action.kind === "dispatch" || action.kind === "reserve" ? [action.job] : [],
        );
        const times = Map.groupBy(placed, (job) => job);
        const isTwice = scenario.load.some(({ kind }) => kind === "deliver_twice");
        expect(Math.max(0, ...[...times.values()].map(({ length }) => length))).toBeLessThanOrEqual(isTwice ? 2 : 1);
      }),
      { numRuns: 10 },
    );
  });

  it("does every kind of load on every instance that is to do it, at the declared rate", () => {
    const actions = firstDeliveries(plan(1));
    // An odd id arrives like any other node; what is delivered twice has a place reserved like any other job.
    const made = { odd_id: "arrive", deliver_twice: "reserve" } as Readonly<Record<string, string>>;
    const loads = scenario.load.map((load) => ({ ...load, made: made[load.kind] ?? load.kind }));
    for (const [kind, own] of Map.groupBy(loads, ({ made }) => made)) {
      for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
        const doing = own.filter(({ instances }) => instances?.includes(instance) !== false);
        const rates = doing.map(({ every, from, until = scenario.duration }) => (until - from) / every);
        const count = actions.filter((action) => action.kind === kind && action.instance === instance).length;
        const expected = rates.reduce((sum, rate) => sum + rate, 0);
        expect(Math.abs(count - expected)).toBeLessThan(Math.max(1, doing.length));
      }
    }
  });

  it("sends heartbeats of every node of the instances that do, each from one instance", () => {
    const senders = new Map<string, Set<number>>();
    for (const action of plan(1)) {
      if (action.kind === "heartbeat")
        senders.set(action.node, (senders.get(action.node) ?? new Set()).add(action.instance));
    }
    const { instances, nodes } = scenario.topology;
    const sending = scenario.load
      .filter(({ kind }) => kind === "heartbeat")
      .flatMap((load) => load.instances ?? Array.from({ length: instances }, (_, instance) => instance));
    const owned = Array.from({ length: nodes }, (_, index) => index).filter((index) =>
      sending.includes(index % instances),
    );
    expect(senders.size).toBe(owned.length);
    expect([...senders.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it("ends jobs after they began, in both ways where there are any", () => {
    const actions = plan(1);
    const begun = new Map(
      firstDeliveries(actions).flatMap((action) =>
        "job" in action && action.kind !== "finish" ? [[action.job, action.at]] : [],
      ),
    );
    const ends = actions.flatMap((action) => (action.kind === "finish" ? [action] : []));
    expect(ends.every(({ at, job }) => at > (begun.get(job) ?? at))).toBe(true);
    expect(new Set(ends.map(({ how }) => how)).size).toBe(begun.size === 0 ? 0 : 2);
  });
});

/** Without those that bring a job that has been brought before. */
function firstDeliveries(actions: readonly Action[]): readonly Action[] {
  const brought = new Set<string>();
  return actions.filter((action) => {
    if (action.kind !== "reserve") return true;
    const isFirst = !brought.has(action.job);
    brought.add(action.job);
    return isFirst;
  });
}

describe("a job that is delivered twice", () => {
  const scenario = findScenario("delivered-twice");
  if (scenario === undefined) throw new Error("there is no delivered-twice to plan");
  const actions = planLoad(scenario, seededRandom(3));

  it("comes to the next instance, for the same node, after its end, and ends again", () => {
    const byJob = Map.groupBy(
      actions.flatMap((action) => (action.kind === "reserve" || action.kind === "finish" ? [action] : [])),
      ({ job }) => job,
    );
    const whole = [...byJob.values()].filter(({ length }) => length === 4);
    expect(whole.length).toBeGreaterThan(50);
    for (const own of whole) {
      expect(own.map(({ kind }) => kind)).toEqual(["reserve", "finish", "reserve", "finish"]);
      expect(own.map(({ instance }) => instance)).toEqual([0, 0, 1, 1].map((by) => ((own[0]?.instance ?? 0) + by) % 2));
      expect(new Set(own.flatMap((action) => (action.kind === "reserve" ? [action.node] : []))).size).toBe(1);
    }
  });
});

describe("what a selection asks for", () => {
  it("is every offer in turn, the one that every node makes half of the time", () => {
    const steady = findScenario("steady");
    if (steady === undefined) throw new Error("there is no steady load to plan");
    const selections = planLoad(steady, seededRandom(1)).filter((action) => action.kind === "select");
    const counts = Map.groupBy(selections, ({ wish }) => wish);
    expect(new Set(counts.keys())).toEqual(new Set([undefined, ...selectionNames]));
    const share = (counts.get(undefined)?.length ?? 0) / selections.length;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
  });

  it("is offered by some nodes in their first incarnation and not by others, and changes with each incarnation", () => {
    for (const wish of Object.values(selections)) {
      const suitable = Array.from({ length: 8 }, (_, incarnation) => suits(offerOf(incarnation), wish));
      expect(suitable.filter(Boolean)).toHaveLength(4);
    }
    expect(Array.from({ length: 8 }, (_, incarnation) => suits(offerOf(incarnation), wanted))).not.toContain(false);
  });
});

describe("nodes that come and go", () => {
  const scenario = findScenario("node-churn");
  if (scenario === undefined) throw new Error("there is no node-churn to plan");
  const actions = planLoad(scenario, seededRandom(3));

  it("come back from each absence, after it and once, unless the run ends before", () => {
    const left = actions.filter(({ kind }) => kind === "go_offline" || kind === "fall_silent");
    const back = new Map(
      actions.flatMap((action) => (action.kind === "come_back" ? [[action.absence, action] as const] : [])),
    );
    expect(left.length).toBeGreaterThan(0);
    for (const action of left) {
      const load = scenario.load.find(({ kind }) => kind === action.kind);
      const due = action.at + (load?.holds ?? 0);
      const absence = "absence" in action ? action.absence : "";
      if (due < scenario.duration) expect(back.get(absence)).toMatchObject({ at: due, instance: action.instance });
      else expect(back.has(absence)).toBe(false);
    }
  });

  it("are looked up by every instance before they arrive, and after", () => {
    const arrivals = actions.flatMap((action) => (action.kind === "arrive" ? [action] : []));
    expect(arrivals.length).toBeGreaterThan(0);
    for (const { at, node } of arrivals) {
      for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
        const lookups = actions.filter(
          (action) => action.kind === "look_up" && action.node === node && action.instance === instance,
        );
        expect(lookups.some((one) => one.at < at)).toBe(true);
        if (at + 400 < scenario.duration) expect(lookups.some((one) => one.at > at + scenario.staleness)).toBe(true);
      }
    }
  });
});
