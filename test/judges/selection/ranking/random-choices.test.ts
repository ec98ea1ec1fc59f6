import { describe, expect, it } from "vitest";
import { judgeChoices } from "../../../../src/judges/selection/ranking/choices.ts";
import { seededRandom } from "../../../../src/load/plan/seeded-random.ts";
import { inSimulation } from "../../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../../simulate/judges/stage.ts";

describe("S3, among equals", () => {
  /** Nodes that are equal, or as healthy as `healths` says; and so many selections of all of them. */
  function chosen(
    selections: number,
    firstOf: (turn: number) => string,
    healths: readonly number[] = [500, 500, 500],
    isReversed: (turn: number) => boolean = () => false,
  ) {
    const stage = new Stage(inSimulation(judgeChoices));
    const nodes = healths.map((health_milli, index) => {
      stage.run(1, register(`n${index}`, `r${index}`));
      return { ...stage.content(`n${index}`), health_milli };
    });
    for (let turn = 0; turn < selections; turn += 1) {
      const name = firstOf(turn);
      const first = nodes.find(({ node }) => node === name);
      const others = nodes.filter((one) => one !== first);
      if (isReversed(turn)) others.reverse();
      stage.select(turn, first === undefined ? others : [first, ...others], "normal", turn % 2);
    }
    return stage.finish().violations.map(([story]) => story);
  }
  const random = seededRandom(7)("choices");
  const drawn = () => `n${Math.floor((random.nextUint32() / 2 ** 32) * 3)}`;

  it("holds where the first is drawn each time, however often", () => expect(chosen(3_000, drawn)).toEqual([]));

  it("is violated where it is always the same, for all or for each instance", () => {
    expect(chosen(100, () => "n1")).toEqual([
      expect.stringMatching(/^instance 0 chose the node it had chosen before \d+ times of \d+ among equals/),
      expect.stringMatching(/^instance 1 chose/),
      expect.stringMatching(/^an instance chose the node that another had chosen/),
    ]);
    expect(chosen(100, (turn) => `n${turn % 2}`)).toEqual([
      expect.stringMatching(/^instance 0/),
      expect.stringMatching(/^instance 1/),
    ]);
  });

  it("is violated where only the first is always the same", () => {
    const reported = chosen(
      200,
      () => "n1",
      [500, 500, 500],
      (turn) => turn % 4 < 2,
    );
    expect(reported).toContainEqual(expect.stringMatching(/^an instance chose the node that another had chosen/));
  });

  it("is violated where each instance draws, and all draw the same", () => {
    let last = "n0";
    const pairs = (turn: number) => {
      if (turn % 2 === 0) last = drawn();
      return last;
    };
    expect(chosen(400, pairs)).toEqual([expect.stringMatching(/^an instance chose the node that another had chosen/)]);
  });

  it("is exercised by each choice among equals", () => {
    const stage = new Stage(inSimulation(judgeChoices));
    for (const node of ["n0", "n1"]) stage.run(1, register(node, node));
    stage.select(2, [stage.content("n0"), stage.content("n1")]);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
    stage.select(3, [stage.content("n0")]);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("says nothing of few, nor of the better of two", () => {
    expect(chosen(18, () => "n1")).toEqual([]);
    expect(chosen(1_000, () => "n1", [500, 560])).toEqual([]);
  });

  it("is violated where one of three is always the first, however good it is", () => {
    expect(chosen(1_000, () => "n1", [500, 560, 500])).toContainEqual(
      expect.stringMatching(/^instances chose the node that had been chosen most first \d+ times/),
    );
  });
});
