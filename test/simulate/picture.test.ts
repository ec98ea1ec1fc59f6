import { describe, expect, it } from "vitest";
import type { Declaration } from "../../scenarios/declare/declare.ts";
import lateHeartbeat from "../../scenarios/regressions/late-heartbeat-of-a-former-life.ts";
import { statesAfter } from "../../src/evidence/timeline.ts";
import { findSchedulerMutant, loadScheduler } from "../../src/mutants/schedulers.ts";
import { pictureOf } from "../../src/simulate/explain/picture.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { framed, readPlan } from "../../src/simulate/plan/plan-file.ts";
import { deaf, small } from "./small.ts";

const named = { title: "small, simulated", token: "lp1:x" };

describe("the picture of a plan", () => {
  it("ends with the event that breaks the property, and shows what was sent, what came back and what is held", async () => {
    const { plan, property } = readPlan(lateHeartbeat.plan, "regression");
    using planted = await loadScheduler(findSchedulerMutant(lateHeartbeat.fails));
    const timeline = await pictureOf({ ...named, plan, property, createScheduler: planted.createScheduler });
    if (timeline === null) throw new Error("it did not break");
    const broken = timeline.broken ?? -1;
    expect(broken).toBe(timeline.events.length - 1);
    expect(timeline.events[broken]).toMatchObject({
      lane: "instance 0",
      words: expect.stringMatching(/^answers heartbeat: renewed/),
    });
    expect(timeline.found).toMatch(/^a heartbeat of node node-0 with seq \d+ was taken, allowed is refusal/);
    expect(timeline.lanes.map(({ kind }) => kind)).toEqual(["instance", "store"]);
    const asked = timeline.messages.find(({ words }) => words === "register_node node-0");
    expect(asked).toMatchObject({ from: "instance 0", to: "store", fate: "arrived" });
    expect(timeline.events[asked?.ended ?? -1]?.words).toMatch(/^runs register_node node-0: registered at e1:3/);
    expect(statesAfter(timeline, broken).get("store")).toEqual([
      "partition 0 at e1:4",
      expect.stringMatching(/node-0: online at e1:4/),
    ]);
    expect(timeline.spans.filter(({ kind }) => kind === "call").map(({ words }) => words)).toContain(
      "heartbeat node-0",
    );
    expect(timeline.events.every(({ words }) => !/no_script|undefined|NaN/.test(words))).toBe(true);
  });

  it("shows faults while they last, and replies that are lost", async () => {
    const lost = { kind: "reply_lost", at: 20, lasts: 80, script: "reserve_job", nth: 1, connection: "cut" } as const;
    const more: Partial<Declaration> = {
      duration: 100,
      load: [{ kind: "reserve", every: 45, holds: 30, instances: [0] }],
    };
    const scenario = small([{ ...lost, instances: [0] }], more);
    const plan = framed(planOf(scenario, 1), "V3");
    const timeline = await pictureOf({ ...named, plan: { ...plan, draws: [] }, property: "V3", createScheduler: deaf });
    if (timeline === null) throw new Error("it did not break");
    expect(timeline.messages.filter(({ fate }) => fate === "lost").map(({ words }) => words)).toContainEqual(
      expect.stringMatching(/^reserved at e\d:\d+/),
    );
    expect(timeline.spans.find(({ kind }) => kind === "fault")).toMatchObject({ lane: "network", words: "reply_lost" });
    expect(timeline.events.filter(({ kind }) => kind === "mode").length).toBeGreaterThan(0);
    expect(timeline.omitted?.count).toBeGreaterThan(10);
  });

  it("is none of a plan that breaks nothing", async () => {
    const plan = framed(planOf(small([], { duration: 100 }), 1), "V3");
    expect(await pictureOf({ ...named, plan: { ...plan, draws: [] }, property: "V3" })).toBeNull();
  });
});
