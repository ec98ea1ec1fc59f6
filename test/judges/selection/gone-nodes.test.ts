import { describe, expect, it } from "vitest";
import type { Call, NodeContent } from "../../../src/check/history.ts";
import type { Dump, Observation } from "../../../src/check/observed/observation.ts";
import { judgeGoneNodes } from "../../../src/judges/selection/gone-nodes.ts";
import {
  call,
  dump,
  entry,
  gone,
  judgedBy,
  node,
  registered,
  seenAt,
  stall,
  trialOf,
  view,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { offline, register, Stage } from "../../simulate/judges/stage.ts";

function begun(): Stage {
  const stage = new Stage(inSimulation(judgeGoneNodes));
  stage.run(1, register());
  return stage;
}

describe("N2 in simulation", () => {
  it("holds where a node that has gone is selected within the bound, and later not", () => {
    const stage = begun();
    const shown = stage.content();
    stage.run(100, offline(stage));
    stage.select(400, [shown]);
    stage.select(401, []);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where no node has gone, or none selects past the bound, or it is back by then", () => {
    const stage = begun();
    stage.select(50, [stage.content()]);
    stage.run(100, offline(stage));
    stage.select(400, []);
    stage.run(500, register("n", "r2"));
    stage.select(600, []);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("is violated where it is selected later, in normal", () => {
    const stage = begun();
    const shown = stage.content();
    stage.run(100, offline(stage));
    stage.select(401, [shown], "l2_only");
    expect(stage.finish().violations).toEqual([]);
    stage.select(401, [shown]);
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 selected node n 301 ms after it had gone, allowed 300 ms",
    );
  });

  it("is violated at once, in whatever mode, where the instance's own view has seen it go", () => {
    const stage = begun();
    const shown = stage.content();
    stage.run(100, offline(stage));
    stage.view(101, stage.version());
    stage.select(102, [shown], "l2_only");
    expect(stage.finish().violations[0]?.[0]).toMatch(/selected node n, which had left by its own view/);
  });

  it("counts only while the instance ran", () => {
    const stage = begun();
    const shown = stage.content();
    stage.run(100, offline(stage));
    stage.instance(150, "paused");
    stage.instance(1_150, "resumed");
    stage.select(1_400, [shown]);
    expect(stage.finish().violations).toEqual([]);
    stage.select(1_401, [shown]);
    expect(stage.finish().verdict).toBe("violated");
  });

  it("goes by what the server of the instance has: a going that was lost with its server was none", () => {
    const stage = begun();
    const shown = stage.content();
    const lagging = stage.state();
    stage.run(100, offline(stage));
    stage.promote(150, 2, lagging);
    stage.run(160, { kind: "changes_since", since: { epoch: 1, sequence: 2 }, limit: 0 }, { server: 2 });
    stage.select(900, [shown]);
    expect(stage.finish().violations).toEqual([]);
    stage.run(1_000, offline(stage), { server: 2 });
    stage.select(1_301, [shown]);
    expect(stage.finish().verdict).toBe("violated");
  });

  it("is not exercised by selections that the node would not have suited before it went", () => {
    const stage = begun();
    stage.run(100, offline(stage));
    stage.select(401, [], "normal", 0, "pool-b");
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });
});

function selection(from: number, shown: readonly NodeContent[], reply = "normal"): Call {
  return call({ op: "select_nodes", from, to: from + 1, reply, selected: shown });
}

describe("N2 of a recorded run", () => {
  const went = [entry(1, registered()), seenAt(500, entry(2, gone("expired")))];
  const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgedBy("N2", trialOf({ history, observations: went }));

  it("holds when no instance selects the node once the bound has passed", () => {
    const judgement = judged(selection(400, [node(1)]), selection(800, [node(1)]), selection(900, []));
    expect(judgement).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judgement.measures).toContainEqual({ name: "selected_after_going_ms_max", value: 300, threshold: 300 });
  });

  it("is violated by a selection past the bound", () => {
    const { verdict, violations } = judged(selection(801, [node(1)]));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe("instance 0 selected node n1 301 ms after it had gone, allowed 300 ms");
  });

  it("is not exercised by a selection that the node would not have suited", () => {
    const asked = { pool: "q", source: "en", target: "de", services: [] };
    expect(judged({ ...selection(801, []), asked }).verdict).toBe("not_exercised");
  });

  it("is not violated by a degraded instance, which cannot know, nor by a selection of the next life", () => {
    const back = [...went, seenAt(700, entry(3, registered("n1", "e1:3")))];
    const history = [selection(900, [node(1)], "l2_only"), selection(901, [node(3, { incarnation: "e1:3" })])];
    expect(judgedBy("N2", trialOf({ history, observations: back })).violations).toEqual([]);
  });

  it("is unknown when the process paused for the time that was too much", () => {
    expect(judged(stall(600, 100), selection(850, [node(1)])).verdict).toBe("unknown");
  });

  it("is not exercised where no selection came after a node went, or while it was away", () => {
    expect(judged(selection(400, [node(1)])).verdict).toBe("not_exercised");
    const back = [...went, seenAt(700, entry(3, registered("n1", "e1:3")))];
    const history = [selection(900, [node(3, { incarnation: "e1:3" })])];
    expect(judgedBy("N2", trialOf({ history, observations: back })).verdict).toBe("not_exercised");
  });

  it("is not exercised by a selection that the node may have been back for, as far as the observer looked", () => {
    const lookedAt = (...times: readonly number[]) => {
      const looks = times.map((at) => ({ kind: "observer_read", at, took: 1, partition: 0 }) as const);
      const history = [...looks, selection(400, [node(1)]), selection(900, [])];
      const back = [...went, seenAt(1_500, entry(3, registered("n1", "e1:3")))];
      return judgedBy("N2", trialOf({ history, observations: back }));
    };
    expect(lookedAt(480, 501, 520, 1_501).verdict).toBe("not_exercised");
    expect(lookedAt(480, 501, 1_460, 1_480, 1_501)).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is unknown, and not held, where the observer saw late that a node had gone", () => {
    const seen = (at: number, ...times: readonly number[]) => {
      const looks = times.map((time) => ({ kind: "observer_read", at: time, took: 1, partition: 0 }) as const);
      const history = [...looks, selection(1_200, [node(1)]), selection(1_900, [])];
      const observations = [entry(1, registered()), seenAt(at, entry(2, gone("expired"))), seenAt(2_900, end)];
      return judgedBy("N2", trialOf({ history, observations })).verdict;
    };
    const end = entry(3, registered("n2", "e1:3"));
    expect(seen(1_500, 480, 500, 1_500, 2_900)).toBe("unknown");
    expect(seen(1_500, 1_460, 1_480, 1_500, 2_900)).toBe("held");
    expect(seen(500, 460, 480, 500, 2_900)).toBe("violated");
  });

  it("is violated at once where the instance's own view had been seen to have its going", () => {
    const knows = [view(450, 1), view(520, 2)];
    expect(judged(...knows, selection(510, [node(1)])).violations).toEqual([]);
    const { violations } = judged(...knows, selection(530, [node(1)], "l2_only"));
    expect(violations[0]?.[0]).toMatch(/^instance 0 selected node n1, which had left by its own view/);
  });

  it("takes a going that was lost with its server for none, unless what the next one had was not observed", () => {
    const takeover: Dump = { ...dump(0, [[node(1), []]]), at: 600, version: null, left: { epoch: "e1", sequence: 1 } };
    const next = seenAt(610, entry(1, registered("n2", "e2:1"), "e2"));
    const over = (...observations: readonly Observation[]) =>
      judgedBy("N2", trialOf({ history: [selection(1_200, [node(1)])], observations: [...went, ...observations] }));
    expect(over(takeover, next).violations).toEqual([]);
    expect(over(next).verdict).toBe("violated");
  });
});
