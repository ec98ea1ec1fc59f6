import { describe, expect, it } from "vitest";
import { judgeDispatches } from "../../../src/judges/selection/dispatches.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";
import { asked, found } from "./dispatch-stage.ts";

describe("S5, of the time that it takes", () => {
  it.each([
    [350, []],
    [351, ["dispatch of job a on instance 0 took 351 ms, allowed 350 ms: 10 writes at most"]],
    [null, ["dispatch of job a on instance 0 had not returned after 0 ms, allowed 350 ms: 10 writes at most"]],
  ])("of a dispatch that takes %s ms says %j", (took, violations) => {
    const stage = new Stage(inSimulation(judgeDispatches));
    stage.returned({ op: "dispatch", job: "a", from: 10, to: took && 10 + took });
    expect(found(stage)).toEqual(violations);
  });

  it("counts the writes of the attempts that it may make", () => {
    const stage = new Stage(inSimulation(judgeDispatches));
    stage.returned({ op: "dispatch", job: "a", from: 10, to: 81, asked: { ...asked, attempts: 1 } });
    expect(found(stage)).toEqual(["dispatch of job a on instance 0 took 71 ms, allowed 70 ms: 2 writes at most"]);
  });

  it("counts only the time in which the instance ran", () => {
    const stage = new Stage(inSimulation(judgeDispatches));
    stage.instance(20, "paused");
    stage.instance(220, "resumed");
    stage.returned({ op: "dispatch", job: "a", from: 10, to: 500 });
    expect(found(stage)).toEqual([]);
  });
});
