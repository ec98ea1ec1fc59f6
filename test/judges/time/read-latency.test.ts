import { describe, expect, it } from "vitest";
import { judgeReadLatency } from "../../../src/judges/time/read-latency.ts";
import { faultFrom, judgedBy, phase, read, stall, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const fault = faultFrom(100, 400);

describe("D1 of a recorded run", () => {
  it("holds when every read comes back in time, and counts those that the fault met", () => {
    const history = [...fault, read(10, 12), read(150, 176), read(380, 410), read(500, 501)];
    expect(judgedBy("D1", trialOf({ history }))).toMatchObject({ verdict: "held", exercised: 2, violations: [] });
  });

  it("is violated by a read that takes 50 ms while the process runs", () => {
    const judged = judgedBy("D1", trialOf({ history: [...fault, read(150, 350)] }));
    expect(judged.verdict).toBe("violated");
    expect(judged.violations[0]?.[0]).toBe("get_node n1 on instance 0 took 200 ms, allowed less than 50 ms");
  });

  it.each([
    ["while its process ran", [], "violated"],
    ["while its process paused for a part of that time", [stall(150, 699)], "violated"],
    ["while its process paused for all of it but the bound", [stall(150, 700)], "unknown"],
    ["while its process paused", [stall(150, 750)], "unknown"],
  ])("of a read without an answer %s", (_, stalls, verdict) => {
    // Its client no longer waits from 900 on.
    const history = [...fault, ...stalls, read(150, null), phase("quiet", 900), phase("end", 2_000)];
    expect(judgedBy("D1", trialOf({ history })).verdict).toBe(verdict);
  });

  it("is violated by a read that throws", () => {
    const thrown = read(150, 151, { outcome: "fail", reply: "threw InvariantError: x" });
    expect(judgedBy("D1", trialOf({ history: [...fault, thrown] })).violations[0]?.[1]).toContain("InvariantError");
  });

  it("is not violated, but unknown, when a read was late by less than the process paused", () => {
    const history = [...fault, stall(160, 40), read(150, 220)];
    expect(judgedBy("D1", trialOf({ history }))).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("is violated when the stall explains only a part of the lateness", () => {
    const history = [...fault, stall(160, 40), read(150, 250)];
    expect(judgedBy("D1", trialOf({ history })).verdict).toBe("violated");
  });

  it("ignores a stall at another time", () => {
    const history = [...fault, stall(300, 60), read(150, 220)];
    expect(judgedBy("D1", trialOf({ history })).verdict).toBe("violated");
  });

  it("still holds when only one read in more than two hundred could not be judged", () => {
    const reads = Array.from({ length: 250 }, (_, index) => read(101 + index, 102 + index));
    const history = [...fault, ...reads, stall(360, 40), read(355, 410)];
    const judged = judgedBy("D1", trialOf({ history }));
    expect(judged.verdict).toBe("held");
    expect(judged.measures).toContainEqual({ name: "unjudged", value: 1 });
  });

  it("tells how much of the budget was left at least, beside what the machine itself would have taken", () => {
    const end = { kind: "phase", at: 1_000, name: "end" } as const;
    const judged = judgedBy("D1", trialOf({ history: [...fault, read(150, 176), stall(700, 40), end] }));
    expect(judged.measures).toContainEqual({ name: "read_margin_ms_min", value: 24, direction: "at_least" });
    expect(judged.measures).toContainEqual({ name: "machine_late_ms_max", value: 40 });
  });

  it("says how to get a quieter run, and holds nothing that the machine made late against the budget", () => {
    const judged = judgedBy("D1", trialOf({ history: [...fault, stall(160, 40), read(150, 220)] }));
    expect(judged.reason).toContain("run again with less beside it on the machine");
    expect(judged.measures.filter(({ threshold }) => threshold !== undefined)).toEqual([]);
  });

  it("is not exercised without a fault", () => {
    expect(judgedBy("D1", trialOf({ history: [read(1, 2)] }))).toMatchObject({
      verdict: "not_exercised",
      exercised: 0,
    });
  });
});

describe("D1 of a simulated run", () => {
  const inTime = (stage: Stage, from: number, to: number) => stage.returned({ op: "get_node", from, to });
  const unanswered = (stage: Stage, from: number, until: number) =>
    stage.returned({ op: "get_node", from, to: null }, until);

  it("holds below the budget, and is exercised by reads that a fault meets", () => {
    const stage = new Stage(inSimulation(judgeReadLatency));
    inTime(stage, 0, 5);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
    stage.fault(10, "inject");
    inTime(stage, 8, 57.9);
    stage.fault(60, "heal");
    inTime(stage, 59, 65);
    inTime(stage, 61, 62);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it.each([
    ["takes as long as the budget", (stage: Stage) => inTime(stage, 10, 60), /took 50 ms, allowed less than 50 ms/],
    ["never returns", (stage: Stage) => unanswered(stage, 10, 60), /had not returned/],
    [
      "never returns, also where its instance paused for a part of that time",
      (stage: Stage) => {
        stage.instance(20, "paused");
        stage.instance(90, "resumed");
        unanswered(stage, 10, 130);
      },
      /had not returned after 50 ms/,
    ],
    [
      "is refused",
      (stage: Stage) => stage.returned({ op: "select_nodes", from: 10, to: 10, outcome: "fail", reply: "threw X" }),
      /gave no answer/,
    ],
  ])("is violated where a read %s", (_, read, story) => {
    const stage = new Stage(inSimulation(judgeReadLatency));
    read(stage);
    expect(stage.finish().violations[0]?.[0]).toMatch(story);
  });

  it("counts only the time in which the instance ran, and says how many reads a pause met", () => {
    const stage = new Stage(inSimulation(judgeReadLatency));
    stage.fault(0, "inject");
    stage.instance(20, "paused");
    stage.instance(120, "resumed");
    inTime(stage, 10, 159);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
    expect(stage.finish().measures).toContainEqual({ name: "reads_met_by_a_standstill", value: 1 });
    inTime(stage, 10, 160);
    expect(stage.finish().verdict).toBe("violated");
  });

  it("does not blame an instance that paused until the end for what it did not answer", () => {
    const stage = new Stage(inSimulation(judgeReadLatency));
    stage.fault(0, "inject");
    stage.instance(20, "paused");
    unanswered(stage, 10, 900);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", exercised: 0, violations: [] });
  });

  it("asks nothing of the dead, but all of the next life", () => {
    const stage = new Stage(inSimulation(judgeReadLatency));
    stage.instance(20, "crashed");
    stage.returned({ op: "get_node", from: 10, to: 20, outcome: "fail", reply: "threw NotThereError" });
    stage.instance(50, "started");
    expect(stage.finish().violations).toEqual([]);
    inTime(stage, 60, 111);
    expect(stage.finish().verdict).toBe("violated");
  });
});
