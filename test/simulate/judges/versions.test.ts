import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { judgeGaps } from "../../../src/simulate/judges/gaps.ts";
import { register, reserve, Stage } from "./stage.ts";

/** Version 1: registered. 2: a job. */
function begun(make: ConstructorParameters<typeof Stage>[0], options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(make, options);
  stage.run(1, register());
  return stage;
}

describe("V4", () => {
  const lost = (stage: Stage, at: number) => {
    const version = stage.version();
    stage.hear({ kind: "lost", at, instance: 0, what: "wake_up", request: 0, partition: 0, version });
  };

  it("holds where a change of which an instance was not told is there within the bound", () => {
    const stage = begun(judgeGaps);
    lost(stage, 1);
    stage.view(300, stage.version());
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where every change was told", () => {
    const stage = begun(judgeGaps);
    stage.view(20, stage.version());
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("counts what happens while the feed is down as untold", () => {
    const stage = new Stage(judgeGaps);
    stage.hear({ kind: "link", at: 0, instance: 1, link: "feed", state: "down", reason: "" });
    stage.run(1, register());
    stage.view(20, stage.version(), 1);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it.each([
    ["it is there later", (stage: Stage) => stage.view(302, stage.version())],
    ["the run ends first", (stage: Stage) => stage.phase(302, "end")],
    ["the instance degrades after the bound", (stage: Stage) => stage.mode(302, "normal", "l2_only")],
    ["another server takes over after the bound", (stage: Stage) => stage.promote(302, 2, stage.state(), "restarted")],
  ])("is violated where %s, told or not", (_, end) => {
    const stage = begun(judgeGaps);
    stage.view(1, stage.version(), 1);
    end(stage);
    expect(stage.finish().verdict).toBe("violated");
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 was without change 1 of partition 0 for 301 ms, allowed 300 ms",
    );
  });

  it("counts what came before the load from its beginning", () => {
    const stage = new Stage(judgeGaps);
    stage.run(-100, register());
    stage.run(250, reserve("a"));
    stage.view(300, { ...stage.version(), sequence: 1 });
    expect(stage.finish().violations).toEqual([]);
    const late = new Stage(judgeGaps);
    late.run(-100, register());
    late.run(250, reserve("a"));
    late.phase(301, "end");
    expect(late.finish().violations[0]?.[0]).toMatch(/was without change 1 of partition 0 for 301 ms/);
  });

  it("counts from the return to normal, and only while the instance runs", () => {
    const away = begun(judgeGaps);
    away.mode(100, "normal", "l2_only");
    away.mode(1_000, "l2_only", "normal");
    away.view(1_300, away.version());
    expect(away.finish().violations).toEqual([]);
    const asleep = begun(judgeGaps);
    asleep.instance(100, "paused");
    asleep.instance(1_000, "resumed");
    asleep.view(1_201, asleep.version());
    expect(asleep.finish().violations).toEqual([]);
    const late = begun(judgeGaps);
    late.instance(100, "paused");
    late.instance(1_000, "resumed");
    late.view(1_202, late.version());
    expect(late.finish().verdict).toBe("violated");
  });

  it("counts from when the store tells again what has changed, where its own keys had kept it from that", () => {
    const spoilt: Fault = { kind: "wrong_type", at: 100, lasts: 900, key: "feed" };
    const run = (fault: Fault, reached: number): Stage => {
      const stage = begun(judgeGaps, { faults: [fault] });
      const parts = { name: "wrong_type", instance: null, link: "server", cutsOff: false } as const;
      stage.fault(100, "inject", parts);
      stage.fault(1_000, "heal", parts);
      stage.view(reached, stage.version());
      return stage;
    };
    expect(run(spoilt, 1_300).finish().violations).toEqual([]);
    expect(run(spoilt, 1_301).finish().verdict).toBe("violated");
    expect(run({ ...spoilt, key: "expiry" }, 1_300).finish().verdict).toBe("violated");
  });

  it("asks for what the server has to which the instance goes, in its epoch", () => {
    const stage = begun(judgeGaps);
    stage.view(2, stage.version());
    stage.view(2, stage.version(), 1);
    stage.promote(10, 2, stage.state());
    stage.run(20, reserve("a"), { server: 2 });
    stage.view(30, stage.version(2), 1);
    stage.phase(330, "end");
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      "instance 0 was without change 1 of partition 0 for 310 ms, allowed 300 ms",
    ]);
  });

  it("does not ask of who is misled for what the other server has", () => {
    const split: Fault = { kind: "redis_split_brain", at: 5, lasts: 500, instances: [0] };
    const stage = begun(judgeGaps, { faults: [split] });
    stage.view(2, stage.version());
    stage.view(2, stage.version(), 1);
    stage.fault(5, "inject", { name: "redis_split_brain", instance: null, link: "server", cutsOff: false });
    stage.promote(5, 2, stage.state());
    stage.run(20, reserve("a"), { server: 2 });
    stage.run(20, reserve("b"));
    stage.view(30, stage.version(2), 1);
    stage.view(30, stage.version(), 0);
    stage.hear({ kind: "server", at: 400, server: 1, what: "demoted", data: "lost" });
    stage.view(650, stage.version(2), 0);
    stage.phase(800, "end");
    expect(stage.finish().violations).toEqual([]);
  });
});
