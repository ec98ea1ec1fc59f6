/** S3: the order of candidates. */
import { describe, expect, it } from "vitest";
import type { NodeContent, Wish } from "../../../../src/check/history.ts";
import { prescribedPools } from "../../../../src/judges/configuration/pool-order.ts";
import { judgeChoices } from "../../../../src/judges/selection/ranking/choices.ts";
import { seededRandom } from "../../../../src/load/plan/seeded-random.ts";
import { inSimulation } from "../../../simulate/judges/in-simulation.ts";
import { type Asked, register, reserve, Stage } from "../../../simulate/judges/stage.ts";

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
/** The same as seen by both instances. */
function seenByBoth(of: Readonly<Record<string, number>>): Stage {
  const stage = staged(of);
  stage.mode(1, "local_only", "normal", 1);
  stage.view(1, stage.version(), 1);
  return stage;
}
const one: Wish = { ...wish, count: 1 };

describe("S3, of the nodes of one pool", () => {
  it("holds where each is better than some other that was left, or equal to it", () => {
    for (const nodes of [
      ["best", "good"],
      ["fair", "best"],
      ["good", "fair"],
    ]) {
      const stage = staged(healths);
      stage.selectFor(2, wish, contents(stage, ...nodes));
      expect(stage.finish()).toMatchObject({ verdict: "held", violations: [] });
    }
    const equal = staged({ best: 900, bad: 100, worse: 100 });
    equal.selectFor(2, one, contents(equal, "bad"));
    expect(found(equal)).toEqual([]);
  });

  it("is violated by one that is worse than all others, in any place but the last", () => {
    const stage = staged(healths);
    stage.selectFor(2, one, contents(stage, "bad"));
    expect(found(stage)).toEqual([
      "instance 0 selected node bad (rank 0.1: health 0.1, 0 jobs and 0 of its own of 2; pool 1 of those to be searched), allowed none that is worse than all the other 3 candidates, as than best (rank 0.98: health 0.98, 0 jobs and 0 of its own of 2; pool 1 of those to be searched)",
    ]);
    const later = staged(healths);
    later.selectFor(2, { ...wish, count: 4 }, contents(later, "best", "good", "bad", "fair"));
    expect(found(later)).toHaveLength(1);
    const last = staged(healths);
    last.selectFor(2, { ...wish, count: 4 }, contents(last, "fair", "good", "best", "bad"));
    expect(found(last)).toEqual([]);
  });

  it("counts the jobs that the view has", () => {
    const loaded = staged({ a: 900, b: 450 });
    loaded.run(2, reserve("x", "a"));
    loaded.view(3, loaded.version());
    loaded.selectFor(4, one, contents(loaded, "b")); // 0.45, and `a` has 0.4
    expect(found(loaded)).toEqual([]);
    loaded.selectFor(5, one, contents(loaded, "a"));
    expect(found(loaded)).toEqual([
      expect.stringMatching(/^instance 0 selected node a \(rank 0.4: health 0.9, 1 jobs/),
    ]);
  });

  it("says nothing where the view is behind, or was not seen", () => {
    const behind = staged(healths);
    behind.run(2, { ...beat(behind, "best", 900), seq: 2 } as unknown as Asked);
    behind.selectFor(3, one, contents(behind, "bad"));
    behind.selectFor(4, one, contents(behind, "bad"), { instance: 1 });
    expect(behind.finish()).toMatchObject({ verdict: "held", exercised: 1 }); // by the share of three that were known
  });

  it("counts choices, and is not exercised by one node alone", () => {
    const stage = staged(healths);
    stage.selectFor(2, one, contents(stage, "best"));
    expect(stage.finish()).toMatchObject({ verdict: "held" });
    const alone = staged({ a: 500 });
    alone.selectFor(2, wish, contents(alone, "a"));
    expect(alone.finish().verdict).toBe("not_exercised");
  });
});

describe("S3, of many choices among the same nodes", () => {
  const fleet = { a: 900, b: 860, c: 820, d: 780, e: 740, f: 700 };
  const ids = Object.keys(fleet);
  const random = seededRandom(3)("choices");
  const drawn = (count: number) => Math.floor((random.nextUint32() / 2 ** 32) * count);
  const pair = () => {
    const first = drawn(ids.length);
    const second = drawn(ids.length - 1);
    return [first, second + (second >= first ? 1 : 0)] as const;
  };
  const better = () => Math.min(...pair());

  function chosen(choose: (turn: number) => number, turns = 400): readonly (string | undefined)[] {
    const stage = seenByBoth(fleet);
    for (let turn = 0; turn < turns; turn += 1) {
      const instance = turn % 2;
      stage.selectFor(2 + turn / 10, one, contents(stage, ids[choose(turn)] ?? ""), { instance });
    }
    return found(stage);
  }

  it("holds where the better of two that are drawn is chosen, however often", () => {
    expect(chosen(better, 4_000)).toEqual([]);
  });

  it("is violated by the best each time, and by any that is not the worst", () => {
    expect(chosen(() => 0)).toContainEqual(expect.stringMatching(/^instance 0 chose the best of all/));
    expect(chosen(() => drawn(ids.length - 1), 3_000)).toContainEqual(
      expect.stringMatching(/^instance 0 chose any of them, by \d+ choices, allowed the better of two that are drawn/),
    );
  });

  it("is violated by the best each time, where only some of the candidates are known", () => {
    const stage = seenByBoth(fleet);
    // A view that is behind is known to have what had been so for long; nothing says that it has no other candidates.
    stage.run(700, { ...beat(stage, "f", 640), seq: 2 } as unknown as Asked);
    for (let turn = 0; turn < 400; turn += 1) {
      stage.selectFor(701 + turn / 10, one, contents(stage, "a"), { instance: turn % 2 });
    }
    expect(stage.finish()).toMatchObject({ verdict: "violated" });
    expect(found(stage)).toContainEqual(expect.stringMatching(/^instances chose the best node first \d+ times of \d+/));
  });

  it("is violated where instances draw alike", () => {
    let last = 0;
    const alike = chosen((turn) => {
      if (turn % 2 === 0) last = better();
      return last;
    }, 900);
    expect(alike).toEqual([expect.stringMatching(/^instances chose the node that another had chosen first \d+ times/)]);
  });
});

describe("S3, of several pools", () => {
  const pools = ["p", "q"].map((id) => ({ id, required_services: ["translate"], language_pairs: [] }));
  const content = { enabled: true, hash_seed: 3, fallback_scan_all_pools: true, pools };
  const { pool: _, ...unnamed } = wish;
  const [first = "", second = ""] = prescribedPools(unnamed, content) ?? [];

  function configured(): Stage {
    const stage = staged({ one: 100, two: 900 });
    stage.run(1, { ...register("one", "r2"), pools: [first] } as Asked);
    stage.run(1, { ...register("two", "r2"), pools: [second] } as Asked);
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
    expect(found(stage)[1]).toMatch(/^instance 0 selected node two .* and not node one \(pool 1 of those/);
  });
});

describe("S3, of the node that a dispatch asks first", () => {
  const asked: Wish = { pool: "pool-a", source: "en", target: "de", services: ["translate"] };
  const dispatch = (stage: Stage, at: number, job: string, node: string) => {
    stage.called(at, "dispatch", 0, { job, asked });
    return stage.send(at, reserve(job, node));
  };

  it("is violated by one that is worse than all others", () => {
    const stage = staged(healths);
    dispatch(stage, 2, "a", "fair");
    expect(stage.finish()).toMatchObject({ verdict: "held", violations: [] });
    const wrong = staged(healths);
    dispatch(wrong, 2, "a", "bad");
    expect(found(wrong)[0]).toMatch(
      /^instance 0 asked first node bad .*, allowed none that is worse than all the other 3 candidates/,
    );
  });

  it("counts the places that were asked for before it, not its own", () => {
    const twoOfThree = { a: 900, b: 500 };
    const own = staged(twoOfThree);
    dispatch(own, 2, "x", "a");
    dispatch(own, 2, "y", "a"); // 0.9 less one of two places is worse than 0.5
    expect(found(own)).toEqual([
      expect.stringMatching(/^instance 0 asked first node a \(rank 0.4: health 0.9, 0 jobs and 1 of its own of 2/),
    ]);
    const spread = staged(twoOfThree);
    dispatch(spread, 2, "x", "a");
    dispatch(spread, 2, "y", "b");
    expect(found(spread)).toEqual([]);
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
  /** The content of a node of rank 0.2, whatever the jobs. */
  const equalContent = (jobs: number) => ({ health_milli: 200 + 100 * jobs, current_jobs: jobs, max_jobs: 10 });
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
        ...equalContent((turn * 11 + index * 17) % 6),
      }));
      const own = { ...wish, count: 4, key: `${turn}` };
      stage.selectFor(turn, own, sort(nodes));
    }
    expect(found(stage)).toHaveLength(1);
  });
});
