import { describe, expect, it } from "vitest";
import type { NodeContent } from "../../../src/check/history.ts";
import { judgeNewcomers } from "../../../src/judges/views/newcomers.ts";
import {
  dump,
  entry,
  gone,
  judgedBy,
  node,
  read,
  registered,
  seenAt,
  stall,
  trialOf,
  view,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../simulate/judges/stage.ts";

describe("N3 in simulation", () => {
  function missed(at = 50): Stage {
    const stage = new Stage(inSimulation(judgeNewcomers), { settings: { missTtl: 100 } });
    stage.run(0, register("m"));
    stage.read(at, null);
    stage.run(100, register());
    return stage;
  }

  it("holds where a node that was missed is shown within the bound after it has registered", () => {
    const stage = missed();
    stage.read(200, null, { source: "miss" });
    stage.read(400, stage.content());
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures[0]).toEqual({ name: "time_to_visible_ms_max", value: 300 });
  });

  it("is not exercised where no lookup missed it just before, or none follows", () => {
    const early = missed(0);
    early.read(402, null);
    expect(early.finish()).toMatchObject({ verdict: "not_exercised" });
    expect(missed().finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    ["its mark stands", { source: "miss" }],
    ["the store is asked elsewhere", { source: "redis" }],
  ])("is violated where it is still not shown past the bound: %s", (_, parts) => {
    const stage = missed();
    stage.read(401, null, parts);
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 did not show node n 301 ms after it had registered, allowed 300 ms",
    );
  });

  it("is violated at once where the view of the instance has it", () => {
    const stage = missed();
    stage.read(110, null, { source: "miss" });
    stage.view(110, stage.version());
    expect(stage.finish().violations).toEqual([]);
    stage.read(111, null, { source: "miss" });
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      expect.stringMatching(/allowed none once its view had it, at 110 ms/),
    ]);
  });

  it.each([
    ["an unconfirmed answer", (stage: Stage) => stage.read(500, null, { stale: true, source: "none" })],
    ["an answer in a degraded mode", (stage: Stage) => stage.read(500, null, { mode: "l2_only" })],
    ["a new life of the instance", (stage: Stage) => stage.instance(450, "crashed")],
    [
      "a registration that was lost with its server",
      (stage: Stage) => {
        stage.promote(150, 2, { ...stage.state(), nodes: new Map() });
        stage.run(160, register("m", "r2"), { server: 2 });
      },
    ],
  ])("does not claim anything of %s", (_, happen) => {
    const stage = missed();
    happen(stage);
    stage.read(501, null, { mode: "l2_only" });
    expect(stage.finish().violations).toEqual([]);
  });

  it("counts only while the instance ran", () => {
    const stage = missed();
    stage.instance(150, "paused");
    stage.instance(1_150, "resumed");
    stage.read(1_400, null);
    expect(stage.finish().violations).toEqual([]);
    stage.read(1_401, null);
    expect(stage.finish().verdict).toBe("violated");
  });
});

describe("N3 of a recorded run", () => {
  const answer = (shown: NodeContent | null, source: string, stale = false, mode = "normal") => ({
    read: { found: shown !== null, source, stale, age_ms: 0, mode, node: shown },
  });
  const missed = (from: number, source = "redis") => read(from, from + 1, answer(null, source));
  const found = (from: number) => read(from, from + 1, answer(node(1), "l2"));
  const arrived = [seenAt(500, entry(1, registered()))];
  const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgedBy("N3", trialOf({ history, observations: arrived }));

  it("holds when the node is shown, though a lookup had missed it just before", () => {
    const judgement = judged(missed(300), missed(510, "miss"), found(530), found(900));
    expect(judgement).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judgement.measures).toContainEqual({ name: "time_to_visible_ms_max", value: 31 });
  });

  it("is violated by a miss past the bound", () => {
    const { verdict, violations } = judged(missed(300), missed(801, "miss"));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe("instance 0 did not show node n1 301 ms after it had registered, allowed 300 ms");
  });

  it("is violated by a miss after it had been shown", () => {
    expect(judged(missed(300), found(530), missed(900)).verdict).toBe("violated");
  });

  it("is violated by an instance that still shows the former life", () => {
    const former = node(1, { incarnation: "e1:1" });
    const back = [
      seenAt(10, entry(1, registered())),
      seenAt(20, entry(2, gone("expired"))),
      seenAt(30, entry(3, gone("removed"))),
      seenAt(500, entry(4, registered("n1", "e1:4"))),
    ];
    const history = [missed(300), read(900, 901, answer(former, "l2"))];
    expect(judgedBy("N3", trialOf({ history, observations: back })).verdict).toBe("violated");
  });

  it("claims nothing of what could not be confirmed, or was removed again", () => {
    const stale = read(900, 901, answer(null, "none", true));
    const degraded = read(910, 911, answer(null, "miss", false, "l2_only"));
    expect(judged(missed(300), found(530), stale, degraded).verdict).toBe("held");
    const removed = [...arrived, seenAt(800, entry(2, gone("removed")))];
    const history = [missed(300), found(530), missed(900)];
    expect(judgedBy("N3", trialOf({ history, observations: removed })).verdict).toBe("held");
  });

  it("is unknown when the process paused for the time that was too much", () => {
    expect(judged(missed(300), stall(600, 100), missed(850, "miss")).verdict).toBe("unknown");
  });

  it("is not exercised where it had not been looked up, or the mark was past its time", () => {
    expect(judged(found(530)).verdict).toBe("not_exercised");
    const late = { history: [missed(300), found(1_530)], observations: [seenAt(1_500, entry(1, registered()))] };
    expect(judgedBy("N3", trialOf(late)).verdict).toBe("not_exercised");
  });

  it("is violated at once where the view had been seen to have it", () => {
    expect(judged(missed(300), view(520, 1), missed(510, "miss")).violations).toEqual([]);
    expect(judged(missed(300), view(520, 1), missed(530, "miss")).violations[0]?.[0]).toMatch(
      /allowed none once its view had it, at 520 ms$/,
    );
  });

  it("goes on in an epoch that has found the node, and ends with one that has not", () => {
    const next = (...nodes: readonly NodeContent[]) => [
      ...arrived,
      {
        ...dump(
          0,
          nodes.map((one) => [one, []] as const),
        ),
        at: 600,
        version: null,
        left: { epoch: "e1", sequence: 1 },
      },
      seenAt(610, entry(1, registered("n2", "e2:1"), "e2")),
    ];
    const over = (...nodes: readonly NodeContent[]) =>
      judgedBy("N3", trialOf({ history: [missed(300), missed(920, "miss")], observations: next(...nodes) }));
    expect(over(node(1)).verdict).toBe("violated");
    expect(over().violations).toEqual([]);
  });
});
