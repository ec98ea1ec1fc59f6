import { describe, expect, it } from "vitest";
import { judgeModes } from "../../../src/judges/modes/modes.ts";
import { faultFrom, judgedBy, mode, phase, read, stall, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, Stage } from "../../simulate/judges/stage.ts";

describe("D5", () => {
  it.each([
    [5_000, 5_000, []],
    [5_000, 5_001, [expect.stringMatching(/took 1 ms though the instance was degraded, allowed is an answer at once/)]],
  ])("is asked at %d by an instance that is degraded, and answered at %d: %j", (from, to, reported) => {
    const stage = new Stage(inSimulation(judgeModes));
    stage.fault(5, "inject");
    stage.mode(10, "normal", "l2_only");
    stage.hear({ kind: "called", at: from, call: 1, instance: 0, op: "get_node", node: "n", job: "" });
    stage.returned({ id: 1, op: "get_node", from, to });
    expect(stage.finish().violations.map(([first]) => first)).toEqual(reported);
  });

  it.each([
    ["while its process ran", [], "violated"],
    ["while its process paused for a part of that time", [stall(150, 600)], "violated"],
    ["while its process paused", [stall(150, 750)], "unknown"],
  ])("of a read of a degraded instance without an answer %s", (_, stalls, verdict) => {
    const unanswered = [mode(110, "normal", "l2_only"), ...stalls, read(150, null)];
    // Its client no longer waits from 900 on.
    const history = [...faultFrom(100, 400), ...unanswered, phase("quiet", 900), phase("end", 2_000)];
    expect(judgedBy("D5", trialOf({ history })).verdict).toBe(verdict);
  });

  it("is not exercised by what an instance in normal was asked, and asks nothing of the dead", () => {
    const stage = new Stage(inSimulation(judgeModes));
    stage.called(10, "get_node");
    stage.returned({ id: 1, op: "get_node", from: 10, to: 30 });
    stage.fault(35, "inject");
    stage.mode(40, "normal", "l2_only");
    stage.called(50, "get_node");
    stage.instance(55, "crashed");
    stage.returned({ id: 2, op: "get_node", from: 50, to: 60 });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });
});

describe("D5 of the way back to normal", () => {
  /** Probes in vain, as often as is owed, from one time to before another. */
  function inVain(stage: Stage, from: number, to: number): void {
    for (let at = from + 100; at < to; at += 100) stage.probe(at, "deadline");
  }

  /** A fault from 1,000 to 2,000, under which the instance degrades at once. */
  function degraded(parts: Parameters<Stage["fault"]>[2] = {}): Stage {
    const stage = new Stage(inSimulation(judgeModes), {
      settings: { dwell: 250, dwellMax: 2_000, calmAfter: 5_000 },
    });
    stage.fault(1_000, "inject", parts);
    stage.mode(1_010, "normal", "l2_only");
    inVain(stage, 1_010, 2_000);
    stage.fault(2_000, "heal", parts);
    return stage;
  }

  /** With as many probes before as are owed. */
  function back(stage: Stage, from: number, at: number): void {
    inVain(stage, from, at - 20);
    for (const before of [20, 10, 0]) stage.probe(at - before);
    stage.mode(at, "l2_only", "normal");
  }

  it.each([
    [true, "held"],
    [undefined, "violated"],
  ] as const)(
    "counts the probes that are answered in a row; a write that fails between them, given up before: %s, %s",
    (isAborted, verdict) => {
      const stage = degraded();
      inVain(stage, 1_010, 2_480);
      for (const at of [2_480, 2_490]) stage.probe(at);
      const place = {
        kind: "settled",
        at: 2_495,
        instance: 0,
        request: 9,
        script: "reserve_job",
        partition: 0,
      } as const;
      stage.hear({ ...place, from: 2_491, deadline: 30, outcome: "deadline", ...(isAborted && { isAborted }) });
      stage.probe(2_500);
      stage.mode(2_500, "l2_only", "normal");
      expect(stage.finish().verdict).toBe(verdict);
    },
  );

  it.each([
    ["was left over from following", true, 0],
    ["was not", false, 1],
  ] as const)("owes a load after three probes, unless a read %s: %s, %s", (_, isLeftOver, violations) => {
    const stage = degraded();
    if (isLeftOver) stage.poll(1_011, 1_012);
    inVain(stage, 1_012, 2_000);
    for (const at of [2_000, 2_010, 2_020, 2_120]) stage.probe(at);
    expect(stage.finish().violations).toHaveLength(violations);
  });

  type ReadScript = "read_orphans" | "check_config";

  function asks(stage: Stage, from: number, script: ReadScript): number {
    return stage.send(from, { kind: script, after: 0, limit: 100 } as unknown as Asked);
  }

  function reads(stage: Stage, from: number, at: number, script: ReadScript): void {
    const request = asks(stage, from, script);
    const place = { at, instance: 0, request, script, partition: 0 } as const;
    stage.hear({ ...place, kind: "settled", from, deadline: 25, outcome: "answered" });
  }

  // The second page of losses is read when those of the first have been acknowledged, 7 ms later.
  it.each([
    ["losses", "read_orphans", 0],
    ["a load", "check_config", 1],
  ] as const)("asks nothing for 7 ms between two reads of %s: %s, %i violations", (_, script, violations) => {
    const stage = degraded();
    inVain(stage, 1_010, 2_000);
    reads(stage, 2_001, 2_004, script);
    reads(stage, 2_011, 2_014, script);
    expect(stage.finish().violations).toHaveLength(violations);
  });

  it.each([
    ["at once", 2_020, 0],
    ["7 ms later", 2_027, 1],
  ])("begins a load %s after its probes, while losses are read: at %i ms, %i violations", (_, at, violations) => {
    const stage = degraded();
    inVain(stage, 1_010, 2_000);
    for (const probe of [2_000, 2_010, 2_020]) stage.probe(probe);
    asks(stage, 2_020, "read_orphans");
    reads(stage, at, at + 1, "check_config");
    expect(stage.finish().violations).toHaveLength(violations);
  });

  it.each([
    [["answered", "answered", "answered"], "held"],
    [["deadline", "answered", "answered", "answered"], "held"],
    [["answered", "answered"], "violated"],
    [["answered", "answered", "deadline", "answered"], "violated"],
  ] as const)("back in normal after probes %j: %s", (outcomes, verdict) => {
    const stage = degraded();
    for (const [index, outcome] of outcomes.entries()) stage.probe(2_010 + 100 * index, outcome);
    stage.mode(1_910 + 100 * outcomes.length, "l2_only", "normal");
    const { verdict: found, violations } = stage.finish();
    expect(found).toBe(verdict);
    if (verdict === "violated")
      expect(violations[0]?.[0]).toMatch(/after \d probes answered in a row, allowed at least 3/);
  });

  it.each([
    ["readonly", "held"],
    ["deadline", "violated"],
  ] as const)("back in normal after a write between the probes ended as %s: %s", (outcome, verdict) => {
    const stage = degraded();
    for (const at of [2_010, 2_110]) stage.probe(at);
    stage.beat(2_150, outcome);
    stage.probe(2_210);
    stage.mode(2_210, "l2_only", "normal");
    expect(stage.finish().verdict).toBe(verdict);
  });

  it("asks no row of probes of a cold start", () => {
    const stage = degraded();
    stage.instance(2_100, "crashed");
    stage.instance(2_200, "started");
    stage.mode(2_300, "local_only", "normal");
    expect(stage.finish().violations).toEqual([]);
  });

  it("is violated where one leaves normal without a fault, long after the last", () => {
    const stage = degraded();
    back(stage, 1_910, 2_500);
    stage.mode(3_100, "normal", "l2_only");
    back(stage, 3_100, 3_400);
    expect(stage.finish()).toMatchObject({ exercised: 2, violations: [] });
    stage.mode(9_000, "normal", "l2_only");
    expect(stage.finish().violations.at(-1)?.[0]).toMatch(/allowed only under a fault or within 1100 ms after one/);
  });

  it("is violated where one that relapses does not stay away for longer each time", () => {
    const flaky = { cutsOff: false };
    const stage = degraded(flaky);
    stage.fault(2_000, "inject", flaky);
    back(stage, 1_910, 2_100);
    stage.mode(2_200, "normal", "l2_only");
    back(stage, 2_200, 2_450);
    expect(stage.finish().violations).toEqual([]);
    stage.mode(2_500, "normal", "l2_only");
    back(stage, 2_500, 2_999);
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 was back in normal after 499 ms, allowed at least 500 ms after 2 relapses in a row",
    );
  });
});
