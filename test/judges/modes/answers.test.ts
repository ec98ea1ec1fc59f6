import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, ReadAnswer } from "../../../src/check/history.ts";
import { judgeModes } from "../../../src/judges/modes/modes.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, mode, node, read, request, stall, storeCall, trialOf, view } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../simulate/judges/stage.ts";

/** A node, and a view that was confirmed by a request sent at 100 and answered at 102. */
function followed(): Stage {
  const stage = new Stage(inSimulation(judgeModes));
  stage.settle(11, stage.ask(10, register()));
  stage.view(20, stage.version());
  stage.poll(100, 102);
  return stage;
}

function answered(stage: Stage, read: Partial<ReadAnswer>, times: Pick<Call, "from" | "to">): readonly string[] {
  const whole = { found: true, source: "l2", stale: false, age_ms: 0, mode: "normal", node: stage.content(), ...read };
  stage.returned({ id: 1, op: "get_node", node: "n", ...times, read: whole });
  return stage.finish().violations.map(([first = ""]) => first);
}

describe("D5 of what an answer says of itself", () => {
  it("holds where it was confirmed meanwhile, and is as old as the request that confirmed it", () => {
    expect(answered(followed(), { age_ms: 2 }, { from: 100, to: 102 })).toEqual([]);
    expect(answered(followed(), { age_ms: 50, source: "l1" }, { from: 150, to: 150 })).toEqual([]);
  });

  it.each([
    ["another mode", { age_ms: 2, mode: "l2_only" }, { from: 100, to: 102 }, "mode l2_only"],
    ["a source that was not asked", { age_ms: 2, source: "redis" }, { from: 100, to: 102 }, "source redis"],
    ["a cache that takes its time", { age_ms: 2, source: "l1" }, { from: 100, to: 102 }, "source l1"],
    ["no confirmation meanwhile", { age_ms: 50 }, { from: 150, to: 150 }, "source l2 and stale: false"],
    ["nothing that is confirmed", { age_ms: 2, source: "none" }, { from: 100, to: 102 }, "source none"],
    ["too young an age", { age_ms: 1 }, { from: 100, to: 102 }, "age_ms 1 ms"],
    ["too old an age", { age_ms: 40 }, { from: 100, to: 102 }, "age_ms 40 ms"],
    ["no age", { age_ms: -1, stale: true, source: "l2" }, { from: 150, to: 180 }, "no age"],
    ["doubt without a reason", { age_ms: 50, stale: true }, { from: 150, to: 150 }, "stale: true"],
    ["a wait for nothing that was asked", { age_ms: 75, stale: true }, { from: 150, to: 175 }, "stale: true"],
    [
      "doubt of what L1 keeps",
      { age_ms: 50, source: "l1", stale: true },
      { from: 150, to: 150 },
      "source l1 with stale: true",
    ],
  ] as const)("is violated by %s", (_, read, times, found) => {
    const text = `get_node n on instance 0 answered ${found}`;
    expect(answered(followed(), read, times)).toContainEqual(expect.stringContaining(text));
  });

  it("holds where the read was waited for in vain", () => {
    const stage = followed();
    stage.send(150, { kind: "snapshot", records: ["n"], after: "", limit: 0 });
    expect(answered(stage, { age_ms: 75, stale: true }, { from: 150, to: 175 })).toEqual([]);
  });

  it.each([
    ["is violated by a miss that the store was not asked about", 5_000, false, 1],
    ["is violated by one of the view that the store was asked about, since that answer stands", 5_000, true, 1],
    ["says nothing of one of a node that may have been removed meanwhile", 200, false, 0],
  ])("%s", (_, at, isAsked, count) => {
    const stage = followed();
    if (isAsked) stage.send(at - 1, { kind: "snapshot", records: ["n"], after: "", limit: 0 });
    stage.poll(at, at + 2);
    const missing = { age_ms: 2, found: false, node: null };
    expect(answered(stage, missing, { from: at, to: at + 2 })).toHaveLength(count);
  });

  it.each([
    [{ reply: "l2_only", stale: true }, []],
    [{ reply: "l2_only", stale: false }, ["stale: false"]],
    [{ reply: "normal", stale: true }, ["mode normal"]],
  ] as const)("judges a selection of a degraded instance: %j", (said, found) => {
    const stage = followed();
    stage.fault(105, "inject");
    stage.mode(110, "normal", "l2_only");
    stage.returned({ id: 1, op: "select_nodes", from: 120, to: 120, selected: [], ...said });
    const { violations } = stage.finish();
    expect(violations.map(([first]) => first)).toEqual(found.map((each) => expect.stringContaining(each)));
  });

  it("judges a selection while a partition is loaded anew, until its view has moved", () => {
    const stage = followed();
    stage.send(110, { kind: "snapshot", records: [], after: "", limit: 10 });
    const select = (at: number, stale: boolean) =>
      stage.returned({ id: at, op: "select_nodes", from: at, to: at, selected: [], reply: "normal", stale });
    select(120, true);
    expect(stage.finish().violations).toEqual([]);
    select(125, false);
    expect(stage.finish().violations[0]?.[0]).toContain(
      "stale: false, allowed is what was true: partition 0 was being",
    );
    stage.view(130, stage.version());
    select(140, true);
    select(400, true);
    expect(stage.finish().violations[1]?.[0]).toContain("stale: true");
  });
});

describe("D5 of what an answer says of itself on real servers", () => {
  const said = (from: number, to: number, parts: Partial<ReadAnswer>): Call => {
    const whole = { found: true, source: "l2", stale: false, age_ms: 2, mode: "normal", node: node(1), ...parts };
    return read(from, to, { read: whole });
  };
  const selected = (at: number, parts: Partial<Call> = {}): Call =>
    call({ op: "select_nodes", from: at, to: at, reply: "normal", stale: true, selected: [], ...parts });
  const asked = storeCall(100, 102);
  const failed = storeCall(130, 151, { outcome: "deadline" });
  const untrue = (...history: readonly HistoryEvent[]): readonly string[] => {
    const { violations } = judgeRecorded(judgeModes, trialOf({ history, terms: { readLimit: 25 } }));
    return violations.map(([first = ""]) => first.replace(/^.*? answered /, ""));
  };

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["confirmed meanwhile", [asked, said(100, 102, {})]],
    ["of a request that is noted right after it", [said(100, 102, {}), asked]],
    ["of L1, as old as the last request", [asked, said(150, 150, { source: "l1", age_ms: 50 })]],
    ["that was waited for in vain", [asked, said(150, 175, { stale: true, age_ms: 75 })]],
    ["after a call that failed", [asked, failed, said(150, 151, { stale: true, age_ms: 51 })]],
    ["that a call fails right after", [asked, said(149, 150, { stale: true, age_ms: 50 }), failed]],
    ["under a fault", [asked, ...faultFrom(140, 400), said(150, 152, { stale: true, age_ms: 52 })]],
    ["while a partition is loaded anew", [asked, request(140), said(150, 152, { stale: true, age_ms: 52 })]],
    [
      "of a degraded instance",
      [asked, mode(140, "normal", "l2_only"), said(150, 150, { stale: true, age_ms: 50, mode: "l2_only" })],
    ],
    ["of a selection soon after a failure", [asked, failed, selected(1_300)]],
    ["of a selection soon after a load", [asked, request(140), view(160, 1), selected(1_300)]],
    ["of a selection whose instance hardly ran", [asked, stall(1_000, 30), selected(2_000)]],
    ["of a selection under a fault", [asked, ...faultFrom(140, 900), selected(2_000)]],
  ])("holds for an answer %s", (_, history) => {
    expect(untrue(...history)).toEqual([]);
  });

  it.each<readonly [string, readonly HistoryEvent[], string]>([
    ["doubt though it had time left", [asked, said(150, 152, { stale: true, age_ms: 52 })], "stale: true"],
    [
      "doubt of a cache",
      [asked, said(150, 150, { source: "l1", stale: true, age_ms: 50 })],
      "source l1 with stale: true",
    ],
    ["doubt of the store", [asked, said(100, 102, { source: "redis", stale: true })], "source redis with stale: true"],
    ["doubt of a selection", [asked, selected(2_000)], "stale: true"],
    ["too young an age", [asked, said(150, 150, { source: "l1", age_ms: 20 })], "age_ms 20 ms"],
    [
      "a confirmation by a degraded instance",
      [asked, mode(140, "normal", "l2_only"), said(150, 150, { age_ms: 50, mode: "l2_only" })],
      "source l2 with stale: false",
    ],
  ])("is violated by %s", (_, history, found) => {
    expect(untrue(...history)).toContainEqual(expect.stringContaining(found));
  });
});
