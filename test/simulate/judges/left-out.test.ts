import { describe, expect, it } from "vitest";
import { judgeNewcomers } from "../../../src/simulate/judges/newcomers.ts";
import { type Asked, offline, register, release, reserve, Stage } from "./stage.ts";

function sweep(node: string): Asked {
  const pools = ["pool-a"];
  const candidates = [{ node, pools, languages: [{ source: "en", target: "de" }] }];
  return { kind: "sweep", candidates, limit: 10, retention: 1_000 };
}

describe("what an answer leaves out", () => {
  /** Nodes n and m, in pool-a, both in the view of instance 0. */
  function shown(): Stage {
    const stage = new Stage(judgeNewcomers);
    stage.run(0, register("m"));
    stage.run(1, register());
    stage.view(2, stage.version());
    return stage;
  }

  const stories = (stage: Stage) => stage.finish().violations.map(([first]) => first);

  it("finds all that suit and have room", () => {
    const stage = shown();
    stage.select(3, [stage.content("m"), stage.content()]);
    expect(stage.finish()).toMatchObject({
      violations: [],
      measures: [{ name: "looked_for_in_answers", value: 2 }],
    });
  });

  it("is violated by one that is left out though there was room for more", () => {
    const stage = shown();
    stage.select(3, [stage.content("m")]);
    expect(stories(stage)).toEqual([
      "instance 0 did not select node n, which suits and has room, though only 1 of 4 were found",
    ]);
  });

  it("is violated where a node that had been full has a place again", () => {
    const stage = shown();
    for (const job of ["a", "b"]) stage.run(3, reserve(job));
    stage.view(4, stage.version());
    stage.select(5, [stage.content("m")]);
    expect(stories(stage)).toEqual([]);
    stage.run(6, release("a"));
    stage.view(7, stage.version());
    stage.select(8, [stage.content("m")]);
    expect(stories(stage)).toHaveLength(1);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    ["a selection for a pool that it is not in", (stage) => stage.select(3, [], "normal", 0, "pool-b")],
    ["a selection in a degraded mode", (stage) => stage.select(3, [], "l2_only")],
    ["an instance that holds nothing", (stage) => stage.select(3, [], "normal", 1)],
    [
      "a node that has changed since the view was there",
      (stage) => {
        for (const node of ["m", "n"]) stage.run(3, reserve("a", node));
        stage.select(4, []);
      },
    ],
    [
      "a node that is gone",
      (stage) => {
        stage.run(3, offline(stage));
        stage.view(4, stage.version());
        stage.select(5, [stage.content("m")]);
      },
    ],
    [
      "places of its own on the way",
      (stage) => {
        for (const job of ["a", "b"]) stage.settle(3, stage.ask(3, reserve(job)));
        stage.run(4, release("a"));
        stage.select(5, [stage.content("m")]);
      },
    ],
    [
      "an instance that has a call for a place under way",
      (stage) => {
        stage.called(3, "dispatch");
        stage.select(4, []);
      },
    ],
    [
      "a new life of the instance",
      (stage) => {
        stage.instance(3, "crashed");
        stage.instance(4, "started");
        stage.select(5, []);
      },
    ],
  ])("does not claim anything of %s", (_, happen) => {
    const stage = shown();
    happen(stage);
    expect(stories(stage)).toEqual([]);
  });

  it("claims it again when the call for a place has come back", () => {
    const stage = shown();
    const id = stage.called(3, "dispatch");
    stage.returned({ id, op: "dispatch", from: 3, to: 4, reply: "no_node" });
    stage.select(5, [stage.content("m")]);
    expect(stories(stage)).toHaveLength(1);
  });

  it("is violated by a lookup that finds nothing where the view has it", () => {
    const stage = shown();
    stage.read(3, null, { source: "none", stale: true, mode: "local_only" });
    expect(stories(stage)).toEqual([expect.stringMatching(/^instance 0 did not show node n, which its view had, at /)]);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    ["its own view does not have", (stage) => stage.read(3, null, { instance: 1, source: "none" })],
    [
      "is removed meanwhile",
      (stage) => {
        stage.run(3, offline(stage));
        stage.view(4, stage.version());
        stage.run(2_000, sweep("n"));
        stage.read(2_001, null);
      },
    ],
    [
      "another epoch does not have",
      (stage) => {
        const id = stage.called(3, "get_node");
        stage.promote(4, 2, { ...stage.state(), nodes: new Map() });
        stage.run(4, register("m", "r2"), { server: 2 });
        stage.view(4, stage.version(2));
        const read = { found: false, source: "none", stale: true, age_ms: 0, mode: "normal", node: null };
        stage.returned({ id, op: "get_node", from: 3, to: 5, read });
      },
    ],
  ])("does not claim a node that %s", (_, happen) => {
    const stage = shown();
    happen(stage);
    expect(stories(stage)).toEqual([]);
  });

  it("looks at the view as it was when the selection was asked for", () => {
    const stage = new Stage(judgeNewcomers);
    stage.run(1, register());
    const id = stage.called(2, "select_nodes");
    stage.view(2, stage.version());
    const asked = { pool: "pool-a", source: "en", target: "de", services: [], count: 4 };
    stage.returned({ id, op: "select_nodes", from: 2, to: 2, reply: "normal", selected: [], asked });
    expect(stories(stage)).toEqual([]);
  });

  it("claims nothing of a selection that does not say how many it asked for, nor of one that is full", () => {
    for (const count of [undefined, 1]) {
      const stage = shown();
      const id = stage.called(3, "select_nodes");
      const asked = {
        pool: "pool-a",
        source: "en",
        target: "de",
        services: [],
        ...(count === undefined ? {} : { count }),
      };
      const selected = count === undefined ? [] : [stage.content("m")];
      stage.returned({ id, op: "select_nodes", from: 3, to: 3, reply: "normal", selected, asked });
      expect(stories(stage)).toEqual([]);
    }
  });
});
