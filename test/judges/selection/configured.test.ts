/** S1 and S2 where the configuration in force says in which pools a request is searched. */
import { describe, expect, it } from "vitest";
import type { Call, Configuration, Wish } from "../../../src/check/history.ts";
import { prescribedPools } from "../../../src/judges/configuration/pool-order.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeOmissions } from "../../../src/judges/selection/omissions.ts";
import { judgeSelections } from "../../../src/judges/selection/only-suitable.ts";
import { call, faultFrom, node, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, offline, register, reserve, Stage } from "../../simulate/judges/stage.ts";

const pools = ["p", "q", "r"].map((id) => ({ id, required_services: ["translate"], language_pairs: [] }));
const content: Configuration = { enabled: true, hash_seed: 3, fallback_scan_all_pools: false, pools };
const wish: Wish = { source: "en", target: "de", services: ["translate"], count: 4 };
const [chosen = ""] = prescribedPools(wish, content) ?? [];
const [other = "", third = ""] = ["p", "q", "r"].filter((id) => id !== chosen);

function member(id: string, ...of: readonly string[]): Asked {
  return { ...register(id, `r-${id}`), pools: [...of].sort() } as Asked;
}

/** Nodes in, out (of the chosen pool) and both, in the view of instance 0, with the configuration in force. */
function staged(judge: Parameters<typeof inSimulation>[0], parts: Partial<Configuration> = {}): Stage {
  const stage = new Stage(inSimulation(judge));
  stage.mode(0, "local_only", "normal");
  stage.run(0, member("in", chosen));
  stage.run(0, member("out", other));
  stage.run(0, member("both", chosen, other));
  stage.view(1, stage.version());
  stage.take(2, stage.store(2, { ...content, ...parts }));
  return stage;
}

const found = (stage: Stage) => stage.finish().violations.map(([first]) => first);
const contents = (stage: Stage, ...ids: readonly string[]) => ids.map((id) => stage.content(id));

describe("S1 under a configuration", () => {
  it("holds for nodes of the pool that is prescribed, and is violated by one of another", () => {
    const stage = staged(judgeSelections);
    stage.selectFor(3, wish, contents(stage, "in", "both"));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 2 });
    expect(stage.finish().measures).toContainEqual({ name: "selected_by_configuration", value: 2 });
    stage.selectFor(4, wish, contents(stage, "in", "out"));
    expect(found(stage)).toEqual([
      `instance 0 selected node out, which it knew not to offer what was asked for (the pools in force: ${chosen}, en to de, translate), allowed only an online node that suits`,
    ]);
  });

  it.each<readonly [string, Partial<Configuration>]>([
    ["with the fallback", { fallback_scan_all_pools: true }],
    ["disabled", { enabled: false }],
  ])("allows nodes of other pools where it is %s", (_, parts) => {
    const stage = staged(judgeSelections, parts);
    stage.selectFor(3, wish, contents(stage, "in", "both", "out"));
    expect(found(stage)).toEqual([]);
  });

  it("is violated by any node where no pool fits", () => {
    const stage = staged(judgeSelections, { pools: [{ id: chosen, required_services: [], language_pairs: [] }] });
    stage.selectFor(3, wish, contents(stage, "in"));
    expect(found(stage)).toHaveLength(1);
  });

  it("goes by the configuration that the instance has taken over, in the life that it lives", () => {
    const stage = staged(judgeSelections);
    const version = stage.store(3, { ...content, pools: pools.filter(({ id }) => id === other) });
    stage.selectFor(4, wish, contents(stage, "in"));
    stage.take(5, version);
    stage.selectFor(6, wish, contents(stage, "out"));
    stage.instance(7, "crashed");
    stage.instance(8, "started");
    stage.selectFor(9, wish, contents(stage, "in", "out"));
    expect(found(stage)).toEqual([]);
    stage.take(10, version);
    stage.selectFor(11, wish, contents(stage, "in"));
    expect(found(stage)).toHaveLength(1);
  });
});

describe("S1 of the pools that an answer names", () => {
  const fallback = { fallback_scan_all_pools: true };
  const order = prescribedPools(wish, { ...content, ...fallback }) ?? [];

  it.each<readonly [string, Wish, Partial<Configuration>, readonly string[]]>([
    ["the one that was named", { ...wish, pool: other }, {}, [other]],
    ["the prescribed one", wish, {}, [chosen]],
    ["none, where none is prescribed", wish, { enabled: false }, []],
    ["all in order with the fallback", wish, fallback, order],
    ["the first of them, where that has enough", { ...wish, count: 1 }, fallback, order.slice(0, 1)],
  ])("holds for %s, and is violated by others", (_, asked, parts, right) => {
    for (const [searched, violations] of [
      [right, 0],
      [[...right, "x"], 1],
      [right.length > 1 ? right.toReversed() : ["x"], 1],
    ] as const) {
      const stage = staged(judgeSelections, parts);
      const id = stage.called(3, "select_nodes", 0, { asked });
      const selected = asked.pool === undefined ? contents(stage, "both") : [];
      const answer = { id, op: "select_nodes", from: 3, to: 3, reply: "normal", asked, selected } as const;
      stage.returned({ ...answer, searched });
      expect(found(stage)).toHaveLength(violations);
    }
  });

  it("is violated where the search ended before enough were found", () => {
    const stage = staged(judgeSelections, fallback);
    const id = stage.called(3, "select_nodes", 0, { asked: wish });
    const answer = { id, op: "select_nodes", from: 3, to: 3, reply: "normal", asked: wish } as const;
    stage.returned({ ...answer, selected: contents(stage, "in", "both"), searched: order.slice(0, 1) });
    expect(found(stage)[0]).toMatch(/^instance 0 says that it searched the pools/);
  });
});

describe("S1 of what a dispatch asks", () => {
  const request: Wish = { source: "en", target: "de", services: ["translate"], key: "en:de" };
  const begin = (stage: Stage, asked = request) => stage.called(10, "dispatch", 0, { job: "a", asked });

  it("is violated by a node of a pool that is not prescribed", () => {
    const stage = staged(judgeSelections);
    begin(stage);
    stage.send(10, reserve("a", "in"));
    expect(found(stage)).toEqual([]);
    stage.send(11, reserve("a", "out"));
    expect(found(stage)).toEqual([
      "instance 0 asked node out for a place for job a, allowed only a node with room that suits",
    ]);
  });

  it.each<readonly [string, (stage: Stage) => void, Wish]>([
    [
      "is full",
      (stage) => {
        for (const job of ["x", "y"]) stage.run(2, reserve(job, "in"));
      },
      request,
    ],
    ["lacks a service", () => {}, { ...request, pool: chosen, services: ["translate", "ocr"] }],
    ["does not serve the pair", () => {}, { ...request, pool: chosen, target: "fr" }],
  ])("is violated by a node that %s in its view", (_, happen, asked) => {
    const stage = staged(judgeSelections);
    happen(stage);
    stage.view(3, stage.version());
    begin(stage, asked);
    stage.send(10, reserve("a", "in"));
    expect(found(stage)).toHaveLength(1);
  });

  it("asks nothing of the node on which the job may have a place already", () => {
    const stage = staged(judgeSelections);
    const id = begin(stage, { ...request, pool: other });
    stage.settle(31, stage.send(10, reserve("a", "out")), "deadline");
    stage.returned({ id, op: "dispatch", job: "a", from: 10, to: 31, outcome: "info", reply: "deadline" });
    begin(stage);
    stage.send(40, reserve("a", "out"));
    expect(found(stage)).toEqual([]);
  });

  it("asks nothing of what has become free since", () => {
    const stage = new Stage(inSimulation(judgeSelections));
    stage.run(0, register());
    stage.view(1, stage.version());
    stage.run(2, offline(stage));
    stage.view(3, stage.version());
    begin(stage, { ...request, pool: "pool-a" });
    stage.run(11, register("n", "r2"));
    stage.send(12, reserve("a"));
    expect(found(stage)).toEqual([]);
  });
});

describe("S2 under a configuration", () => {
  it.each<readonly [string, Partial<Configuration>, readonly string[]]>([
    ["of the prescribed pool", {}, ["both"]],
    ["of another pool with the fallback", { fallback_scan_all_pools: true }, ["in", "both"]],
    ["of any pool where it is disabled", { enabled: false }, ["in", "both"]],
  ])("is violated where a node %s is left out", (_, parts, shown) => {
    const stage = staged(judgeOmissions, parts);
    stage.selectFor(3, wish, contents(stage, ...shown));
    expect(found(stage)).toEqual([expect.stringMatching(/^instance 0 did not select node (in|out), which suits/)]);
  });

  it("does not claim a node of a pool that is not searched", () => {
    const stage = staged(judgeOmissions);
    stage.selectFor(3, wish, contents(stage, "in", "both"));
    expect(found(stage)).toEqual([]);
  });
});

describe("S1 of a recorded run, which does not show what an instance has taken over", () => {
  const put = (from: number, configuration: Configuration | undefined, parts: Partial<Call> = {}) =>
    call({ op: "put_config", from, to: from + 1, reply: "stored", configuration, ...parts });
  const asked = { source: "en", target: "de", services: [], count: 4 };
  const select = (from: number, ...of: readonly string[]) =>
    call({ op: "select_nodes", from, to: from, reply: "normal", asked, selected: [node(1, { pools: [...of] })] });
  const only = (id: string): Configuration => {
    return { ...content, pools: [{ id, required_services: [], language_pairs: [] }] };
  };
  const verdict = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgeRecorded(judgeSelections, trialOf({ history })).verdict;

  it("is violated by a pool that is not prescribed, once the configuration has to be known", () => {
    expect(verdict(put(1, only(other)), select(601, third))).toBe("held");
    expect(verdict(put(1, only(other)), select(603, third))).toBe("violated");
    expect(verdict(put(1, only(other)), select(603, other))).toBe("held");
  });

  it.each<readonly [string, Call]>([
    ["another one was put since", put(100, only(third))],
    ["another one may have been put since", put(100, only(third), { outcome: "info", reply: "deadline", to: null })],
  ])("allows both where %s", (_, second) => {
    expect(verdict(put(1, only(other)), second, select(650, third))).toBe("held");
    expect(verdict(put(1, only(other)), second, select(650, other))).toBe("held");
    expect(verdict(put(1, only(other)), second, select(650, chosen))).toBe("violated");
  });

  it.each<readonly [string, Parameters<typeof trialOf>[0]["history"] & object]>([
    ["a fault may have taken it back", [put(1, only(other)), ...faultFrom(2, 3, { instance: null, link: "server" })]],
    ["what was put is not known", [put(1, undefined)]],
    ["none was acknowledged", [put(1, only(other), { outcome: "info", reply: "deadline" })]],
  ])("allows any where %s", (_, history) => expect(verdict(...history, select(5_000, third))).toBe("held"));

  it("allows the former one at an instance that was not in normal all the time, and no longer afterwards", () => {
    const mode = (at: number, from: string, to: string) =>
      ({ kind: "mode", at, instance: 0, from, to, cause: "deadline" }) as const;
    const away = [put(1, only(other)), mode(500, "normal", "l2_only")];
    expect(verdict(...away, select(700, third))).toBe("held");
    expect(verdict(...away, mode(750, "l2_only", "normal"), select(1_349, third))).toBe("held");
    expect(verdict(...away, mode(750, "l2_only", "normal"), select(1_352, third))).toBe("violated");
  });

  it("takes no account of one that was refused", () => {
    const refused = put(100, only(third), { reply: "conflict" });
    expect(verdict(put(1, only(other)), refused, select(800, third))).toBe("violated");
  });
});
