import { describe, expect, it } from "vitest";
import { judgeDispatches } from "../../../src/judges/selection/dispatches.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, release, reserve, Stage } from "../../simulate/judges/stage.ts";

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

describe("S5, of a reserve that may have happened", () => {
  function staged(): Stage {
    const stage = new Stage(inSimulation(judgeDispatches));
    stage.run(0, register());
    stage.run(0, register("m"));
    return stage;
  }

  it("is violated where another node is tried before it is known what became of the first", () => {
    const stage = staged();
    stage.settle(31, stage.ask(1, reserve("a")), "deadline");
    stage.ask(32, reserve("a", "m"));
    expect(stage.finish().violations[0]?.[0]).toBe(
      "job a was asked a place for on node m while it may have one on node n, allowed only once that is settled",
    );
  });

  it.each([
    ["it was answered after all", (stage: Stage) => stage.settle(33, stage.ask(32, reserve("a")))],
    ["the place has been given up", (stage: Stage) => stage.run(33, release("a"))],
    ["the node has registered anew", (stage: Stage) => stage.run(33, register("n", "r2"))],
    ["the instance has a new life", (stage: Stage) => stage.instance(33, "crashed")],
  ])("holds where another node is tried when %s", (_, settle) => {
    const stage = staged();
    stage.settle(31, stage.ask(1, reserve("a")), "deadline");
    settle(stage);
    stage.ask(34, reserve("a", "m"));
    expect(stage.finish().violations).toEqual([]);
  });

  it("is violated where the node has registered anew and the reserve may still come", () => {
    const stage = staged();
    stage.settle(31, stage.send(1, reserve("a")), "deadline");
    stage.run(33, register("n", "r2"));
    stage.ask(34, reserve("a", "m"));
    expect(stage.finish().verdict).toBe("violated");
  });
});
