import { describe, expect, it } from "vitest";
import { judgeMisses } from "../../../src/judges/misses.ts";
import { judgeReloads } from "../../../src/judges/views/reloads.ts";
import { inSimulation } from "./in-simulation.ts";
import { type Asked, register, reserve, Stage } from "./stage.ts";

function begun(make: ConstructorParameters<typeof Stage>[0], options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(make, options);
  stage.run(1, register());
  return stage;
}

describe("P1", () => {
  const whole: Asked = { kind: "snapshot", records: [], after: "", limit: 100 };

  function following(options?: ConstructorParameters<typeof Stage>[1]): Stage {
    const stage = begun(inSimulation(judgeReloads), options);
    stage.send(2, whole);
    stage.view(3, stage.version());
    stage.run(4, register("m"));
    return stage;
  }

  it("holds for a cold start, and is exercised by members that change while an instance follows", () => {
    expect(following().finish()).toMatchObject({ verdict: "held", exercised: 1 });
    expect(begun(inSimulation(judgeReloads)).finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it("is violated by a load of what the feed still has", () => {
    const stage = following();
    stage.send(5, { ...whole, after: "m" });
    stage.send(5, { kind: "snapshot", records: ["n"], after: "", limit: 0 });
    expect(stage.finish().violations).toEqual([]);
    stage.send(5, whole);
    expect(stage.finish().violations[0]?.[0]).toBe(
      "instance 0 loaded partition 0 whole, allowed only after an epoch change or a trimmed feed",
    );
  });

  it("allows one in a new life, after an epoch change, and where the feed has been trimmed", () => {
    const reborn = following();
    reborn.instance(5, "crashed");
    reborn.send(6, whole);
    const another = following();
    another.promote(5, 2, another.state());
    another.run(6, { kind: "changes_since", since: { epoch: 1, sequence: 2 }, limit: 0 }, { server: 2 });
    another.send(7, whole);
    const trimmed = following({ feedMax: 1 });
    trimmed.run(5, reserve("a"));
    trimmed.send(6, whole);
    for (const stage of [reborn, another, trimmed]) expect(stage.finish()).toMatchObject({ verdict: "held" });
  });
});

describe("C2", () => {
  const lookUp: Asked = { kind: "snapshot", records: ["x"], after: "", limit: 0 };

  function looked(at = 10): Stage {
    const stage = begun(inSimulation(judgeMisses), { settings: { missTtl: 100 } });
    stage.view(2, stage.version());
    stage.settle(at + 1, stage.ask(at, lookUp));
    return stage;
  }

  it("holds where lookups are absorbed, and asked again after the TTL", () => {
    const stage = looked();
    stage.read(50, null, { source: "miss", id: "x" });
    stage.settle(112, stage.ask(110, lookUp));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where nothing was absorbed", () => {
    expect(looked().finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    ["after it had been answered", (_: Stage) => {}],
    ["while the first is in flight", (stage: Stage) => void stage.ask(200, lookUp)],
  ])("is violated by a second request within the TTL %s", (_, before) => {
    const stage = looked(150);
    before(stage);
    stage.ask(210, lookUp);
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /two requests of instance 0 for the missing node x .* allowed one in 100 ms/,
    );
  });

  it.each([
    ["the first failed", (stage: Stage) => stage.settle(205, stage.ask(200, lookUp), "deadline")],
    ["the node has registered", (stage: Stage) => void stage.run(200, register("x"))],
    [
      "the partition has been loaded anew",
      (stage: Stage) => stage.says(200, { kind: "resync_started", partition: 0, reason: "epoch" }),
    ],
    ["it is a new life", (stage: Stage) => stage.instance(200, "crashed")],
    ["it is another instance", (stage: Stage) => void stage.ask(205, lookUp, { instance: 1 })],
  ])("allows another where %s", (_, happen) => {
    const stage = looked(90);
    happen(stage);
    stage.ask(210, lookUp);
    expect(stage.finish().violations).toEqual([]);
  });

  it.each([
    ["before it crashed", 21],
    ["before the new life asks", 25],
    ["after the new life has asked", 40],
  ])("counts each life by itself, where what the former one asked arrives %s", (_, arrives) => {
    const stage = begun(inSimulation(judgeMisses), { settings: { missTtl: 100 } });
    stage.view(2, stage.version());
    const former = stage.send(20, lookUp);
    const arrive = (at: number) => at === arrives && stage.run(at, lookUp, { request: former });
    arrive(21);
    stage.instance(22, "crashed");
    stage.instance(23, "started");
    stage.view(24, stage.version());
    arrive(25);
    stage.settle(31, stage.ask(30, lookUp));
    arrive(40);
    expect(stage.finish().violations).toEqual([]);
    stage.ask(50, lookUp);
    expect(stage.finish().verdict).toBe("violated");
  });

  it("does not take a node that was found for a missing one", () => {
    const stage = begun(inSimulation(judgeMisses), { settings: { missTtl: 100 } });
    stage.view(2, stage.version());
    for (const at of [10, 20]) stage.settle(at + 1, stage.ask(at, { ...lookUp, records: ["n"] }));
    expect(stage.finish().violations).toEqual([]);
  });
});
