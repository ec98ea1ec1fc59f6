import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import type { Listener } from "../../../src/simulate/trace/bus.ts";
import { Record } from "../../../src/simulate/trace/record.ts";
import { deaf, Ears, runSmall, small, verdictOf } from "../small.ts";

describe("a run", () => {
  it("is the same every time, to the last line of its trace, and another with another seed", async () => {
    const [one, again, other] = [
      await runSmall([], { withText: true }),
      await runSmall([], { withText: true }),
      await runSmall([], {}, 2),
    ];
    expect(one.lines.length).toBe(one.events);
    expect(one.lines.length).toBeGreaterThan(2_000);
    expect(again.lines).toEqual(one.lines);
    expect(again.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });

  it("has the same hash whether or not its lines are wanted, and whichever judges run", async () => {
    const plain = await runSmall([], { properties: [] });
    const judged = await runSmall([], { withText: true, properties: ["J1", "J3", "V2", "V3"] });
    expect(judged.hash).toBe(plain.hash);
  });

  it("holds without faults, and under a Redis that is gone", async () => {
    for (const run of [await runSmall(), await runSmall([gone])]) {
      expect(run.broken).toBeNull();
      expect(run.judgements.map(({ property, verdict }) => [property, verdict])).toEqual([
        ["J1", "held"],
        ["V1", "held"],
        ["V3", "held"],
      ]);
    }
  });

  it("goes through its phases, and the instances degrade and come back", async () => {
    const ears = new Ears("phase", "scheduler.mode_changed");
    await runSmall([gone], { listeners: [ears] });
    expect(ears.of("phase").map(({ name }) => name)).toEqual(["load", "healed", "quiet", "end"]);
    const changes = ears.of("scheduler").flatMap(({ at, instance, what }) => {
      return at < 0 || what.kind !== "mode_changed" ? [] : [`${instance} ${what.from} ${what.to}`];
    });
    for (const instance of [0, 1]) {
      const own = changes.filter((change) => change.startsWith(`${instance} `));
      expect(own[0]).toBe(`${instance} normal l2_only`);
      expect(own.at(-1)).toMatch(/_only normal$/);
    }
  });

  it("is broken, and not held, when the nodes could not register in time", async () => {
    const scenario = small([], { network: [400, 500] });
    const { broken } = await runPlan({ plan: planOf(scenario, 1) });
    expect(broken).toMatch(/was not normal before the load/);
  });
});

const gone = { kind: "redis_blackhole", at: 500, lasts: 500, bytes: "lost", link: "both", direction: "both" } as const;

describe("a scheduler that does not follow the store", () => {
  it("is found by V3", async () => {
    const run = await runSmall([], { createScheduler: deaf });
    expect(verdictOf(run, "V3")).toBe("violated");
  });
});

describe("the record of a run", () => {
  it("is judged by src/check as the run itself is judged", async () => {
    const scenario = findScenario("redis-gone");
    if (scenario === undefined) throw new Error("no scenario redis-gone");
    const { instances, partitions } = scenario.topology;
    const record = new Record(instances, partitions);
    const everything: Listener = {
      hears: [
        "returned",
        "sent",
        "settled",
        "stepped",
        "fault",
        "withheld",
        "scheduler",
        "sighted",
        "truth",
        "phase",
        "instance",
      ],
      on: (event) => record.on(event),
    };
    const run = await runPlan({
      plan: planOf(scenario, 1),
      properties: ["J1", "V1"],
      listeners: [everything],
    });
    const bounds = { budget: 50, recovery: 1_500, convergence: 1_000, staleness: 300 };
    const terms = { missTtl: 100, l1Ttl: 100, heartbeatTtl: 15_000, ttlSpread: 0.2, feedMax: 100_000 };
    const trial = record.trial(bounds, terms);
    for (const { exercised, property, verdict } of run.judgements) {
      const after = judge(property, trial);
      expect([property, after.verdict]).toEqual([property, verdict]);
      expect(exercised).toBeGreaterThan(100);
      expect(after.exercised).toBe(exercised);
    }
  });
});
