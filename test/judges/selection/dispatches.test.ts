import { describe, expect, it } from "vitest";
import { judgeDispatches } from "../../../src/judges/selection/dispatches.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { reserve, Stage } from "../../simulate/judges/stage.ts";

describe("S5", () => {
  const staged = () => new Stage(inSimulation(judgeDispatches));
  const dispatch = (stage: Stage, at: number) =>
    stage.hear({ kind: "called", at, call: 1, instance: 0, op: "dispatch", node: "", job: "a" });

  it("is violated where one node is asked for a place more than twice in one dispatch", () => {
    const stage = staged();
    dispatch(stage, 10);
    for (const node of ["n", "n", "m"]) stage.send(20, reserve("a", node));
    dispatch(stage, 100);
    for (const at of [110, 120]) stage.send(at, reserve("a"));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 5 });
    stage.send(130, reserve("a"));
    expect(stage.finish().violations[0]?.[0]).toMatch(/asked node n for a place for job a 3 times in one dispatch/);
  });

  it("is not exercised by a place that a client asks for by the node's name", () => {
    const stage = staged();
    for (const at of [10, 20, 30]) stage.send(at, reserve("a"));
    expect(stage.finish().verdict).toBe("not_exercised");
  });

  it.each([
    [350, []],
    [351, ["dispatch of job a on instance 0 took 351 ms, allowed 350 ms: 10 writes at most"]],
    [null, ["dispatch of job a on instance 0 had not returned after 0 ms, allowed 350 ms: 10 writes at most"]],
  ])("of a dispatch that takes %s ms says %j", (took, found) => {
    const stage = staged();
    stage.returned({ op: "dispatch", job: "a", from: 10, to: took && 10 + took });
    expect(stage.finish().violations.map(([first]) => first)).toEqual(found);
  });

  it("counts only the time in which the instance ran", () => {
    const stage = staged();
    stage.instance(20, "paused");
    stage.instance(220, "resumed");
    stage.returned({ op: "dispatch", job: "a", from: 10, to: 500 });
    expect(stage.finish().violations).toEqual([]);
  });
});
