import { describe, expect, it } from "vitest";
import type { Partition } from "../../model/partition/partition.ts";
import { judgeTwice } from "../../src/judges/twice.ts";
import { inSimulation } from "../simulate/judges/in-simulation.ts";
import { complete, register, release, reserve, Stage } from "../simulate/judges/stage.ts";

describe("K2", () => {
  it("holds where second runs change nothing and are answered with the echo of the first", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    const registration = { ...register(), expected: null };
    const request = stage.ask(1, registration);
    stage.run(2, registration, { request });
    for (const asked of [reserve("a"), complete("a"), release("b")]) {
      stage.ask(3, asked);
      stage.ask(4, asked);
    }
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 4 });
    expect(judged.measures).toEqual([{ name: "delivered_twice_by_the_network", value: 1 }]);
  });

  it("is not exercised where nothing ran twice, or something else came between", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    stage.run(3, release("a"));
    stage.run(4, reserve("a"));
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("is violated where a second run is answered as if it were the first", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    stage.run(1, register());
    const { reply } = stage.run(2, reserve("a"));
    stage.run(3, reserve("a"), { wrong: { reply } });
    expect(stage.finish().violations[0]?.[0]).toBe(
      "reserve_job of node n ran a second time, made 0 changes and was answered reserved, allowed none and already",
    );
  });

  it("is violated where it makes a change again", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    stage.run(1, register());
    const first = stage.run(2, reserve("a"));
    const again = stage.run(3, reserve("b"));
    stage.hear({ ...first, at: 4, before: first.after }, { ...again, at: 5 });
    expect(stage.finish().violations[0]?.[0]).toMatch(/made 1 changes and was answered reserved/);
  });

  it("is violated where it takes no version, and leaves the node otherwise all the same", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    const after = (left: Partition): Partition => {
      const record = left.nodes.get("n");
      return record === undefined
        ? left
        : { ...left, nodes: new Map(left.nodes).set("n", { ...record, heartbeatSeq: 9 }) };
    };
    stage.run(3, reserve("a"), { wrong: { after } });
    expect(stage.finish().violations[0]?.[0]).toBe(
      "reserve_job of node n ran a second time, made 0 changes, left the node otherwise and was answered already, allowed none and already",
    );
  });

  it("is not exercised by a second run in another epoch, on another server", () => {
    const stage = new Stage(inSimulation(judgeTwice));
    stage.run(1, register());
    stage.run(2, reserve("a"));
    stage.promote(3, 2, stage.state());
    stage.run(4, reserve("a"), { server: 2 });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });
});
