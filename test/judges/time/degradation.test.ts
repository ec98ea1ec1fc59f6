import { describe, expect, it } from "vitest";
import { judgeDegradation } from "../../../src/judges/time/degradation.ts";
import { faultFrom, judgedBy, mode, stall, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

describe("D2 of a recorded run", () => {
  it("holds when the mode has left normal within 50 ms of the fault", () => {
    const history = [...faultFrom(100, 400), mode(140, "normal", "l2_only")];
    expect(judgedBy("D2", trialOf({ history }))).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated at 51 ms", () => {
    const history = [...faultFrom(100, 400), mode(151, "normal", "l2_only")];
    const judged = judgedBy("D2", trialOf({ history }));
    expect(judged.verdict).toBe("violated");
    expect(judged.violations[0]?.[0]).toBe("instance 0 degraded 51 ms after the fault, allowed 50 ms");
  });

  it("is violated by an instance that never degrades, whatever paused", () => {
    const history = [...faultFrom(100, 400), stall(120, 270)];
    expect(judgedBy("D2", trialOf({ history })).verdict).toBe("violated");
  });

  it("is unknown when the process paused for the time that was too much", () => {
    const history = [...faultFrom(100, 400), stall(110, 30), mode(170, "normal", "l2_only")];
    expect(judgedBy("D2", trialOf({ history })).verdict).toBe("unknown");
  });

  it("counts from when the commands were cut, not from when the feed was", () => {
    const feed = faultFrom(80, 400, { link: "feed", done: 80 }).slice(0, 1);
    const history = [...feed, ...faultFrom(100, 400), mode(145, "normal", "l2_only")];
    expect(judgedBy("D2", trialOf({ history })).measures).toContainEqual({
      name: "time_to_degradation_ms_max",
      value: 45,
      threshold: 50,
    });
  });

  it.each([
    ["the fault cuts no instance off", faultFrom(100, 400, { cuts_off: false }), []],
    ["the fault is over before the budget is", faultFrom(100, 140), []],
    ["the instance was degraded before", faultFrom(100, 400), [mode(50, "normal", "l2_only")]],
    ["the instance had not come to normal yet", faultFrom(100, 400), [mode(450, "local_only", "normal")]],
  ])("is not exercised when %s", (_why, fault, modes) => {
    expect(judgedBy("D2", trialOf({ history: [...fault, ...modes] })).verdict).toBe("not_exercised");
  });

  it("judges every instance that a fault of the server cuts off", () => {
    const history = [
      ...faultFrom(100, 400, { instance: null, link: "server" }),
      mode(120, "normal", "l2_only", 0),
      mode(190, "normal", "l2_only", 1),
    ];
    const judged = judgedBy("D2", trialOf({ history, instances: 2 }));
    expect(judged).toMatchObject({ exercised: 2, verdict: "violated" });
    expect(judged.violations[0]?.[0]).toContain("instance 1");
  });

  it("says how to get a quieter run where the machine's noise allowed no verdict, and how noisy it was", () => {
    const end = { kind: "phase", at: 1_000, name: "end" } as const;
    const judged = judgedBy(
      "D2",
      trialOf({ history: [...faultFrom(100, 400), stall(110, 30), mode(170, "normal", "l2_only"), end] }),
    );
    expect(judged.verdict).toBe("unknown");
    expect(judged.reason).toContain("run again with less beside it on the machine");
    expect(judged.measures.map(({ name }) => name)).toContain("machine_late_ms_p99");
    expect(judged.measures.filter(({ threshold }) => threshold !== undefined)).toEqual([]);
  });
});

describe("D2 of a simulated run", () => {
  it.each([
    [150, "held"],
    [150.1, "violated"],
  ])("an instance that is cut off at 100 and degrades at %d: %s", (at, verdict) => {
    const stage = new Stage(inSimulation(judgeDegradation));
    stage.fault(100, "inject");
    stage.mode(at, "normal", "l2_only");
    stage.fault(400, "heal");
    expect(stage.finish()).toMatchObject({ verdict, exercised: 1 });
  });

  it("is violated where it is still normal when the fault heals", () => {
    const stage = new Stage(inSimulation(judgeDegradation));
    stage.fault(100, "inject");
    stage.fault(200, "heal");
    expect(stage.finish().violations[0]?.[0]).toMatch(/was still normal after 100 ms of the fault, allowed 50 ms/);
  });

  it.each([
    ["cuts no instance off", (stage: Stage) => stage.fault(100, "inject", { cutsOff: false })],
    [
      "is over before the budget",
      (stage: Stage) => {
        stage.fault(100, "inject");
        stage.fault(150, "heal");
      },
    ],
    [
      "meets an instance that is degraded already",
      (stage: Stage) => {
        stage.mode(50, "normal", "l2_only");
        stage.fault(100, "inject");
      },
    ],
    [
      "meets a connection that is not there",
      (stage: Stage) => {
        stage.hear({ kind: "link", at: 90, instance: 0, link: "commands", state: "down", reason: "" });
        stage.fault(100, "inject");
      },
    ],
    [
      "meets one that dies of something else",
      (stage: Stage) => {
        stage.fault(100, "inject");
        stage.instance(120, "crashed");
      },
    ],
  ])("is not exercised by a fault that %s", (_, happen) => {
    const stage = new Stage(inSimulation(judgeDegradation));
    happen(stage);
    stage.fault(400, "heal");
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("judges each of two faults that overlap, by its own beginning", () => {
    const stage = new Stage(inSimulation(judgeDegradation));
    stage.fault(100, "inject");
    stage.fault(130, "inject", { fault: 1 });
    stage.fault(140, "heal");
    stage.fault(400, "heal", { fault: 1 });
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      "instance 0 was still normal after 270 ms of the fault, allowed 50 ms",
    ]);
  });

  it("counts only the time in which the instance ran", () => {
    const stage = new Stage(inSimulation(judgeDegradation));
    stage.fault(100, "inject");
    stage.instance(110, "paused");
    stage.instance(500, "resumed");
    stage.mode(540, "normal", "l2_only");
    expect(stage.finish().verdict).toBe("held");
  });

  it("of one that asks too seldom to notice in time nothing is shown, but it is held to what it promises", () => {
    const make = () => new Stage(inSimulation(judgeDegradation), { settings: { pulseInterval: 100 } });
    const slow = make();
    slow.fault(100, "inject");
    slow.mode(225, "normal", "l2_only");
    expect(slow.finish()).toMatchObject({ verdict: "not_exercised" });
    const late = make();
    late.fault(100, "inject");
    late.mode(226, "normal", "l2_only");
    expect(late.finish().violations[0]?.[0]).toMatch(/degraded 126 ms after the fault, allowed 125 ms/);
  });
});
