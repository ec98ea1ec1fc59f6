/** S3: the order of candidates. */
import { describe, expect, it } from "vitest";
import type { NodeContent, Wish } from "../../../src/check/history.ts";
import { prescribedPools } from "../../../src/judges/configuration/pool-order.ts";
import { judgeChoices } from "../../../src/judges/selection/choices.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, register, reserve, Stage } from "../../simulate/judges/stage.ts";

const wish: Wish = { pool: "pool-a", source: "en", target: "de", services: ["translate"], count: 2 };
const idle = { cpu: "0", gpu: "0", memory: "0", load: "0", latency_ms: "0", error_rate: "0" };

function beat(stage: Stage, node: string, health: number): Asked {
  const incarnation = stage.incarnation(node);
  return {
    ...{ kind: "heartbeat", node, incarnation, seq: 1, chunk: 0, ttl: 1_000, lease: 1_000 },
    ...{ healthMilli: health, metrics: idle, running: [] },
  } as unknown as Asked;
}

/** Nodes of these healths, in the view of instance 0. */
function staged(healths: Readonly<Record<string, number>>): Stage {
  const stage = new Stage(inSimulation(judgeChoices));
  stage.mode(0, "local_only", "normal");
  for (const node of Object.keys(healths)) stage.run(0, register(node, `r-${node}`));
  for (const [node, health] of Object.entries(healths)) stage.run(0, beat(stage, node, health));
  stage.view(1, stage.version());
  return stage;
}

const found = (stage: Stage) => stage.finish().violations.map(([first]) => first);
const contents = (stage: Stage, ...ids: readonly string[]): readonly NodeContent[] =>
  ids.map((id) => stage.content(id));
const healths = { best: 980, good: 760, fair: 700, bad: 100 };

describe("S3, of the nodes that a selection shows", () => {
  it("holds where they come by bands, whatever their order within one", () => {
    for (const nodes of [
      ["a", "b"],
      ["b", "a"],
    ]) {
      const stage = staged({ a: 700, b: 749 });
      stage.selectFor(2, wish, contents(stage, ...nodes));
      expect(found(stage)).toEqual([]);
    }
  });

  it.each([
    ["good", "best"],
    ["bad", "fair"],
  ])("is violated by %s before %s", (...nodes) => {
    const stage = staged(healths);
    stage.selectFor(2, { ...wish, count: 4 }, contents(stage, ...nodes));
    expect(found(stage)[0]).toMatch(/^instance 0 selected node .* before node .*, allowed only the better rank first/);
  });

  it("is violated where a better one was known and is not among them", () => {
    const stage = staged(healths);
    stage.selectFor(2, wish, contents(stage, "best", "fair"));
    expect(found(stage)).toEqual([
      "instance 0 selected node fair (health 0.7, pool 1 of those to be searched) and not node good (health 0.76, pool 1 of those to be searched), allowed only the best that there is room for",
    ]);
  });

  it("says nothing of a better one that has no room, or that the view does not show yet", () => {
    const full = staged(healths);
    for (const job of ["x", "y"]) full.run(2, reserve(job, "good"));
    full.view(3, full.version());
    full.selectFor(4, wish, contents(full, "best", "fair"));
    expect(found(full)).toEqual([]);
    const later = staged({ a: 500, b: 500, c: 500 });
    later.run(2, beat(later, "c", 990));
    later.selectFor(3, wish, contents(later, "a", "b"));
    expect(found(later)).toEqual([]);
  });

  it("goes by what the view has of health: one that has fallen is no better", () => {
    const stage = staged(healths);
    const { incarnation } = stage.content("good");
    stage.run(2, { ...beat(stage, "good", 50), seq: 2 } as unknown as Asked);
    stage.view(3, stage.version());
    stage.selectFor(4, wish, contents(stage, "best", "fair"));
    expect(found(stage)).toEqual([]);
    expect(stage.content("good")).toMatchObject({ incarnation, health_milli: 50 });
  });

  it("counts choices among ranks and among equals, and is not exercised by one node alone", () => {
    const stage = staged(healths);
    stage.selectFor(2, wish, contents(stage, "best", "good"));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
    const alone = staged({ a: 500 });
    alone.selectFor(2, wish, contents(alone, "a"));
    expect(alone.finish().verdict).toBe("not_exercised");
  });
});

describe("S3, of several pools", () => {
  const pools = ["p", "q"].map((id) => ({ id, required_services: ["translate"], language_pairs: [] }));
  const content = { enabled: true, hash_seed: 3, fallback_scan_all_pools: true, pools };
  const { pool: _, ...unnamed } = wish;
  const [first = "", second = ""] = prescribedPools(unnamed, content) ?? [];

  function configured(): Stage {
    const stage = staged({ one: 100, two: 900 });
    stage.run(1, { ...register("one", "r2"), pools: [first], leave: { pools: ["pool-a"], languages: [] } } as Asked);
    stage.run(1, { ...register("two", "r2"), pools: [second], leave: { pools: ["pool-a"], languages: [] } } as Asked);
    stage.view(2, stage.version());
    stage.take(2, stage.store(2, content));
    return stage;
  }

  it("comes the chosen one first, however healthy the others are", () => {
    const stage = configured();
    stage.selectFor(3, unnamed, contents(stage, "one", "two"));
    expect(found(stage)).toEqual([]);
    stage.selectFor(4, unnamed, contents(stage, "two", "one"));
    expect(found(stage)).toHaveLength(1);
    stage.selectFor(5, { ...unnamed, count: 1 }, contents(stage, "two"));
    expect(found(stage)[1]).toMatch(/and not node one \(health 0.5, pool 1 of those/);
  });
});

describe("S3, of the node that a dispatch asks first", () => {
  const asked: Wish = { pool: "pool-a", source: "en", target: "de", services: ["translate"] };

  it("is violated where a better one was known", () => {
    const stage = staged(healths);
    stage.called(2, "dispatch", 0, { job: "a", asked });
    stage.send(2, reserve("a", "best"));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
    stage.called(3, "dispatch", 1, { job: "b", asked });
    stage.send(3, reserve("b", "bad"), 1);
    expect(found(stage)).toEqual([]); // its view was not seen
    const wrong = staged(healths);
    wrong.called(2, "dispatch", 0, { job: "a", asked });
    wrong.send(2, reserve("a", "bad"));
    expect(found(wrong)[0]).toMatch(
      /^instance 0 asked node bad .* first for a place for job a, allowed only one of the/,
    );
  });

  it("says nothing of the second, nor where the job may have a place already", () => {
    const stage = staged(healths);
    const id = stage.called(2, "dispatch", 0, { job: "a", asked });
    stage.send(2, reserve("a", "best"));
    stage.settle(40, stage.send(3, reserve("a", "bad")), "deadline");
    stage.returned({ id, op: "dispatch", job: "a", from: 2, to: 40, outcome: "info", reply: "deadline" });
    stage.called(50, "dispatch", 0, { job: "a", asked });
    stage.send(50, reserve("a", "bad"));
    expect(found(stage)).toEqual([]);
  });
});

describe("S3, of equals that are sorted", () => {
  const ids = ["a", "b", "c", "d"];
  const sorts: readonly (readonly [string, (nodes: readonly NodeContent[]) => readonly NodeContent[]])[] = [
    ["by id", (nodes) => [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1))],
    ["by health", (nodes) => [...nodes].sort((a, b) => b.health_milli - a.health_milli)],
    ["by jobs", (nodes) => [...nodes].sort((a, b) => a.current_jobs - b.current_jobs)],
  ];

  it.each(sorts)("is violated where they are always %s, whichever they are", (_, sort) => {
    const stage = new Stage(inSimulation(judgeChoices));
    for (const id of ids) stage.run(1, register(id, id));
    for (let turn = 0; turn < 60; turn += 1) {
      const nodes = contents(stage, ...ids).map((node, index) => ({
        ...{ ...node, node: `${node.node}${(turn * 7 + index * 3) % 5}` },
        ...{ health_milli: 500 + ((turn * 11 + index * 17) % 50), current_jobs: (turn + index * 5) % 7, max_jobs: 9 },
      }));
      const own = { ...wish, count: 4, key: `${turn}` };
      stage.selectFor(turn, own, sort(nodes));
    }
    expect(found(stage)).toHaveLength(1);
  });
});
