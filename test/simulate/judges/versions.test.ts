import { describe, expect, it } from "vitest";
import type { Partition } from "../../../model/partition/partition.ts";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { judgeCacheTruth } from "../../../src/simulate/judges/cache-truth.ts";
import { judgeGaps } from "../../../src/simulate/judges/gaps.ts";
import { register, reserve, Stage, splitAfterFailover } from "./stage.ts";

/** Version 1: registered. 2: a job. */
function begun(make: ConstructorParameters<typeof Stage>[0], options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(make, options);
  stage.run(1, register());
  return stage;
}

/** As `begun`, and both instances have followed it there. */
function followed(): Stage {
  const stage = begun(judgeCacheTruth);
  for (const instance of [0, 1]) stage.view(1, stage.version(), instance);
  return stage;
}

describe("V2", () => {
  it("holds where caches show what the store held, older things only to who asked before", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.read(3, old);
    stage.read(4, stage.content());
    stage.read(3.5, old, { to: 5 });
    stage.select(6, [stage.content()]);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 4 });
  });

  it("is exercised by answers from caches only", () => {
    const stage = followed();
    stage.read(3, stage.content(), { source: "redis" });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    [
      "what was not asked for",
      (stage: Stage) => stage.read(3, { ...stage.content() }, { id: "m" }),
      /asked for node m and showed node n/,
    ],
    [
      "a node that is said not to be there",
      (stage: Stage) => stage.read(3, stage.content(), { found: false }),
      /found: false, and node n/,
    ],
    [
      "an answer given for confirmed that nobody can have confirmed",
      (stage: Stage) => stage.read(3, stage.content(), { age_ms: 51 }),
      /for confirmed that was 51 ms old, allowed 50 ms/,
    ],
    [
      "an age at which the node was another",
      (stage: Stage) => {
        const old = stage.content();
        stage.run(10, reserve("a"));
        stage.read(100, old, { age_ms: 95, stale: true });
        expect(stage.finish().violations).toEqual([]);
        stage.read(100, old, { age_ms: 80, stale: true });
      },
      /said of node n that it had been so 80 ms before/,
    ],
  ])("is violated by %s", (_, happen, story) => {
    const stage = followed();
    happen(stage);
    expect(stage.finish().violations[0]?.[0]).toMatch(story);
  });

  it("asks no age of who stood still, nor of a server that the instance has left", () => {
    const stage = followed();
    const old = stage.content();
    stage.instance(2, "paused");
    stage.instance(500, "resumed");
    stage.read(2, old, { to: 500, age_ms: 499 });
    stage.run(510, reserve("a"));
    stage.promote(511, 2, stage.state());
    stage.read(600, old, { stale: true });
    expect(stage.finish().violations).toEqual([]);
  });

  it.each([
    ["another content at a version that it had", { current_jobs: 1 }, /current_jobs 1 instead of 0/],
    ["pools in part", { pools: [] }, /pools/],
    ["a version of another node", { node: "m" }, /no change of this node had that version/],
  ])("is violated by %s", (_, parts, story) => {
    const stage = followed();
    stage.read(3, { ...stage.content(), ...parts });
    expect(stage.finish().violations.flat().join("\n")).toMatch(story);
  });

  it("is violated by a version that the store has not reached, and by an epoch that there never was", () => {
    const stage = followed();
    const shown = stage.content();
    stage.read(3, { ...shown, version: { ...shown.version, sequence: 2 } });
    stage.read(4, { ...shown, version: { epoch: "00000000000000ff", sequence: 1 } });
    const { violations } = stage.finish();
    expect(violations[0]?.[1]).toMatch(/has not come further than 1/);
    expect(violations[1]?.[1]).toMatch(/there has never been such an epoch/);
  });

  it("is violated by an older version than one that was shown before, but not in a new life or at another instance", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.select(3, [stage.content()]);
    stage.read(4, old, { instance: 1 });
    expect(stage.finish().verdict).toBe("held");
    stage.read(4, old);
    expect(stage.finish().violations[0]?.[0]).toMatch(/showed node n at .*:1 after it had shown .*:2/);
    const next = followed();
    next.run(2, reserve("a"));
    next.read(3, next.content());
    next.instance(4, "crashed");
    next.view(4.5, next.version());
    next.read(4, old, { to: 5 });
    expect(next.finish().verdict).toBe("held");
  });

  it("is violated by what the instance's own view knew to be past when it was asked", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.view(3, stage.version());
    stage.read(3, old, { to: 5 });
    stage.read(4, old, { instance: 1 });
    expect(stage.finish().violations).toEqual([]);
    stage.read(4, old);
    expect(stage.finish().violations[0]?.[0]).toMatch(/although its view had come to .*:2, where the node was another/);
  });

  it("is violated by what was so in no epoch that the instance has followed, though the store held it", () => {
    const stage = followed();
    const { losing } = splitAfterFailover(stage);
    stage.run(9, reserve("a"), { server: losing });
    stage.read(10, stage.content("n", losing));
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /showed node n at .* and had followed no epoch in which it was so/,
    );
  });

  it("holds where an instance goes from one side of a split to the other, whichever began its epoch first, and not back", () => {
    const stage = followed();
    const { losing, winning } = splitAfterFailover(stage);
    stage.run(9, reserve("a"), { server: losing });
    stage.run(9, reserve("b"), { server: winning, instance: 1 });
    stage.view(10, stage.version(losing));
    const lost = stage.content("n", losing);
    stage.read(11, lost);
    stage.view(20, stage.version(winning));
    stage.read(21, stage.content("n", winning));
    expect(stage.finish().violations).toEqual([]);
    stage.read(22, lost);
    expect(stage.finish().violations[0]?.[0]).toMatch(/showed node n at .*:1 after it had shown .*:1/);
  });

  describe("across a failover to a replica that lags", () => {
    function failedOver(): { stage: Stage; lagging: Partition; lost: ReturnType<Stage["content"]> } {
      const stage = followed();
      const lagging = stage.state();
      stage.run(2, reserve("a"));
      const lost = stage.content();
      stage.read(3, lost);
      stage.promote(4, 2, lagging);
      stage.run(5, { kind: "changes_since", since: { epoch: 1, sequence: 2 }, limit: 0 }, { server: 2 });
      stage.view(5, stage.version(2));
      return { stage, lagging, lost };
    }

    it("holds where what was lost is followed by what there was before it", () => {
      const { stage } = failedOver();
      stage.read(6, stage.content("n", 2));
      expect(stage.finish().verdict).toBe("held");
    });

    it("is violated where what was lost comes back", () => {
      const { stage, lost } = failedOver();
      stage.read(6, stage.content("n", 2));
      stage.read(7, lost);
      expect(stage.finish().verdict).toBe("violated");
    });

    it("is violated where the new epoch is left for the old one", () => {
      const { stage, lost } = failedOver();
      stage.run(6, reserve("b"), { server: 2 });
      stage.read(7, stage.content("n", 2));
      stage.read(8, lost);
      expect(stage.finish().verdict).toBe("violated");
    });
  });
});

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
