import { describe, expect, it } from "vitest";
import { judgeModes } from "../../../src/judges/time/modes.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

describe("D5", () => {
  it.each([
    [5_000, 5_000, []],
    [5_000, 5_001, [expect.stringMatching(/took 1 ms though the instance was degraded, allowed is an answer at once/)]],
  ])("is asked at %d by an instance that is degraded, and answered at %d: %j", (from, to, told) => {
    const stage = new Stage(inSimulation(judgeModes));
    stage.mode(10, "normal", "l2_only");
    stage.hear({ kind: "called", at: from, call: 1, instance: 0, op: "get_node", node: "n", job: "" });
    stage.returned({ id: 1, op: "get_node", from, to });
    expect(stage.finish().violations.map(([first]) => first)).toEqual(told);
  });

  it("is not exercised by what an instance in normal was asked, and asks nothing of the dead", () => {
    const stage = new Stage(inSimulation(judgeModes));
    stage.called(10, "get_node");
    stage.returned({ id: 1, op: "get_node", from: 10, to: 30 });
    stage.mode(40, "normal", "l2_only");
    stage.called(50, "get_node");
    stage.instance(55, "crashed");
    stage.returned({ id: 2, op: "get_node", from: 50, to: 60 });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });
});
