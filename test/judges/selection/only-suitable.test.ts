import { describe, expect, it } from "vitest";
import type { NodeContent } from "../../../src/check/history.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSelections } from "../../../src/judges/selection/only-suitable.ts";
import { call, node, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, reserve, Stage } from "../../simulate/judges/stage.ts";

const asked = { pool: "p", source: "en", target: "de", services: ["s"], count: 2 };
const fit = node(1, { services: ["s"] });

function judged(selected: readonly NodeContent[], wish: typeof asked | null = asked, reply = "normal") {
  const selection = call({ op: "select_nodes", from: 1, to: 2, reply, selected, asked: wish ?? undefined });
  return judgeRecorded(judgeSelections, trialOf({ history: [selection] }));
}

describe("S1", () => {
  it("holds where every node suits and has room, and is exercised by each", () => {
    const other = { ...fit, node: "n2", pools: ["q", "p"], services: ["s", "t"], current_jobs: 1 };
    expect(judged([fit, other])).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged([]).verdict).toBe("not_exercised");
  });

  it.each<[string, Partial<NodeContent>, RegExp]>([
    ["is offline", { status: "offline" }, /selected node n1, which it knew to be offline/],
    ["is in another pool", { pools: ["q"] }, /not to offer what was asked for \(p, en to de, s\)/],
    ["lacks a service", { services: ["t"] }, /not to offer what was asked for/],
    ["does not serve the pair", { languages: [{ source: "de", target: "en" }] }, /not to offer what was asked for/],
    ["has no room", { current_jobs: 2 }, /had no room as far as it knew: 2 jobs and 0 pending reservations of its own/],
  ])("is violated in every mode where a node %s, as it is shown itself", (_, parts, story) => {
    for (const mode of ["normal", "l2_only"]) {
      expect(judged([{ ...fit, ...parts }], asked, mode).violations[0]?.[0]).toMatch(story);
    }
  });

  it("is violated by a node that is selected twice, and by more nodes than were asked for", () => {
    const [second, third] = ["n2", "n3"].map((id) => ({ ...fit, node: id }));
    expect(judged([fit, fit]).violations).toEqual([
      ["instance 0 selected node n1 twice, allowed once", "asked at 1 ms, node version e1:1"],
    ]);
    expect(judged([fit, second ?? fit, third ?? fit]).violations[0]?.[0]).toBe(
      "instance 0 selected 3 nodes, allowed 2 as asked for",
    );
  });

  it("looks only at status and room where a history does not say what was asked for", () => {
    expect(judged([{ ...fit, pools: [] }], null)).toMatchObject({ verdict: "not_exercised", violations: [] });
    expect(judged([{ ...fit, status: "expired" }], null).verdict).toBe("violated");
  });
});

describe("S1, by the places that an instance has asked for itself", () => {
  /** One place is taken, and the view of both instances shows it: there is room for one job more. */
  function begun(): Stage {
    const stage = new Stage(inSimulation(judgeSelections));
    stage.run(1, register());
    stage.settle(2, stage.ask(2, reserve("a"), { instance: 1 }), "answered", 1);
    for (const instance of [0, 1]) stage.view(3, stage.version(), instance);
    return stage;
  }
  const found =
    /instance 0 selected node n, which had no room as far as it knew: 1 jobs and 1 pending reservations of its own/;

  it("holds where only others have filled the node, or places of its own are none any longer", () => {
    const stage = begun();
    const seen = stage.content();
    stage.settle(4, stage.ask(4, reserve("b"), { instance: 1 }), "answered", 1);
    stage.select(5, [seen]);
    stage.settle(6, stage.ask(6, reserve("c")), "answered"); // full
    stage.select(7, [seen]);
    stage.settle(8, stage.send(8, reserve("d")), "deadline");
    stage.select(9, [seen]);
    expect(stage.finish().violations).toEqual([]);
  });

  it("is violated where a place of its own is in flight", () => {
    const stage = begun();
    stage.send(4, reserve("b"));
    stage.select(5, [stage.content()], "normal", 1);
    expect(stage.finish().violations).toEqual([]);
    stage.select(5, [stage.content()]);
    const { measures, violations } = stage.finish();
    expect(violations[0]?.[0]).toMatch(found);
    expect(measures).toContainEqual({ name: "selected_beside_own_places", value: 1 });
  });

  it("is violated where it was given a place that its view does not show yet, and holds once that does", () => {
    const stage = begun();
    const seen = stage.content();
    const request = stage.ask(4, reserve("b"));
    stage.settle(5, request);
    stage.run(5, reserve("b"), { request }); // the network repeats it
    stage.select(6, [seen]);
    expect(stage.finish().violations.map(([first]) => first)).toEqual([expect.stringMatching(found)]);
    stage.view(7, stage.version());
    stage.select(8, [seen]);
    stage.select(8, [stage.content()], "l2_only", 1);
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      expect.stringMatching(found),
      expect.stringMatching(/instance 1 selected node n, .*: 2 jobs and 0 pending/),
    ]);
  });

  it("asks nothing of what is overdue: an instance that was stopped has given it up, whether it was answered or not", () => {
    const stage = begun();
    const seen = stage.content();
    const request = stage.ask(4, reserve("b"));
    stage.select(40, [seen]);
    stage.settle(40, request);
    stage.select(40, [seen]);
    expect(stage.finish().violations).toEqual([]);
  });

  it("asks nothing of a new life, nor of what was answered in another epoch than its view's", () => {
    const stage = begun();
    const seen = stage.content();
    stage.send(4, reserve("b"));
    stage.instance(5, "crashed");
    stage.select(6, [seen]);
    stage.view(6, stage.version());
    stage.promote(7, 2, stage.state());
    stage.settle(8, stage.ask(8, reserve("b"), { server: 2 }));
    stage.view(9, { ...stage.version(2), sequence: 0 });
    stage.select(10, [seen]);
    expect(stage.finish().violations).toEqual([]);
  });
});
