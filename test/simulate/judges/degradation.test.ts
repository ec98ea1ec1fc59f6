import { describe, expect, it } from "vitest";
import { judgeRecovery } from "../../../src/simulate/judges/recovery.ts";
import { Stage } from "./stage.ts";

describe("D3", () => {
  /** A fault from 1,000 to 2,000, under which the instance degrades at once. */
  function degraded(parts: Parameters<Stage["fault"]>[2] = {}): Stage {
    const stage = new Stage(judgeRecovery, { settings: { dwell: 250, dwellMax: 2_000, calmAfter: 5_000 } });
    stage.fault(1_000, "inject", parts);
    stage.mode(1_010, "normal", "l2_only");
    stage.fault(2_000, "heal", parts);
    return stage;
  }

  /** With as many probes before as are owed. */
  function back(stage: Stage, at: number): void {
    for (const before of [30, 20, 10]) stage.probe(at - before);
    stage.mode(at, "l2_only", "normal");
  }

  it.each([
    [["answered", "answered", "answered"], "held"],
    [["deadline", "answered", "answered", "answered"], "held"],
    [["answered", "answered"], "violated"],
    [["answered", "answered", "deadline", "answered"], "violated"],
  ] as const)("back in normal after probes %j: %s", (outcomes, verdict) => {
    const stage = degraded();
    for (const [index, outcome] of outcomes.entries()) stage.probe(2_100 + 100 * index, outcome);
    stage.mode(2_600, "l2_only", "normal");
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
    for (const at of [2_100, 2_200]) stage.probe(at);
    stage.beat(2_250, outcome);
    stage.probe(2_300);
    stage.mode(2_600, "l2_only", "normal");
    expect(stage.finish().verdict).toBe(verdict);
  });

  it("asks no row of probes of a cold start", () => {
    const stage = degraded();
    stage.instance(2_100, "crashed");
    stage.instance(2_200, "started");
    stage.mode(2_300, "local_only", "normal");
    expect(stage.finish().violations).toEqual([]);
  });

  it.each([
    [3_000, "held"],
    [3_001, "violated"],
  ])("back in normal at %d: %s", (at, verdict) => {
    const stage = degraded();
    back(stage, at);
    expect(stage.finish()).toMatchObject({ verdict, exercised: 1 });
  });

  it("is violated where it never comes back, by the end or by the next fault", () => {
    const ended = degraded();
    ended.phase(3_001, "end");
    const met = degraded();
    met.fault(3_001, "inject");
    for (const stage of [ended, met]) {
      expect(stage.finish().violations[0]?.[0]).toBe(
        "instance 0 was not normal 1001 ms after healing, allowed 1000 ms",
      );
    }
  });

  it("is not exercised where nobody had degraded, where the next fault leaves no time, or the instance dies", () => {
    const calm = new Stage(judgeRecovery);
    calm.fault(1_000, "inject");
    calm.fault(2_000, "heal");
    const hurried = degraded();
    hurried.fault(2_500, "inject");
    const dead = degraded();
    dead.instance(2_500, "crashed");
    for (const stage of [calm, hurried, dead]) {
      stage.phase(9_000, "end");
      expect(stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
    }
  });

  it("counts only the time in which the instance ran", () => {
    const stage = degraded();
    stage.instance(2_100, "paused");
    stage.instance(2_600, "resumed");
    back(stage, 3_500);
    expect(stage.finish().verdict).toBe("held");
  });

  it("is violated where one leaves normal without a fault, long after the last", () => {
    const stage = degraded();
    back(stage, 2_500);
    stage.mode(3_100, "normal", "l2_only");
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      expect.stringMatching(/left normal 2 times around one fault/),
    ]);
    back(stage, 3_400);
    stage.mode(9_000, "normal", "l2_only");
    expect(stage.finish().violations.at(-1)?.[0]).toMatch(/allowed only under a fault or within 1100 ms after one/);
  });

  it("lets a fault that comes and goes by itself be left more than once, but for longer each time", () => {
    const flaky = { cutsOff: false };
    const stage = degraded(flaky);
    stage.fault(2_000, "inject", flaky);
    back(stage, 2_100);
    stage.mode(2_200, "normal", "l2_only");
    back(stage, 2_450);
    expect(stage.finish().violations).toEqual([]);
    stage.mode(2_500, "normal", "l2_only");
    back(stage, 2_999);
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 was back in normal after 499 ms, allowed at least 500 ms after 2 relapses in a row",
    );
  });
});
