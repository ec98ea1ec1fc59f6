import { describe, expect, it } from "vitest";
import { Intervals } from "../../../src/judges/instances/intervals.ts";
import { judgeLimits } from "../../../src/judges/instances/overload.ts";
import type { Settings } from "../../../src/scheduler/settings.ts";
import type { Settled } from "../../../src/simulate/trace/events.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../simulate/judges/stage.ts";

const bounds = { maxCalls: 2, maxEntries: 2, pollInterval: 40, pulseInterval: 10, readDeadline: 25 };

function overloaded(settings: Partial<Settings> = {}): Stage {
  const stage = new Stage(inSimulation(judgeLimits), { settings: { ...bounds, ...settings } });
  stage.instance(0, "started");
  stage.mode(0, "local_only", "normal");
  return stage;
}

function settled(from: number, at: number, script: Settled["script"] = "reserve_job"): Settled {
  return {
    kind: "settled",
    at,
    instance: 0,
    request: at,
    script,
    partition: 0,
    from,
    deadline: 30,
    outcome: "answered",
  };
}

/** A call is refused at 5 ms, when as many as may be are in flight. */
function refused(stage: Stage, inFlight = 2): void {
  for (let call = 0; call < inFlight; call += 1) stage.hear(settled(call, 10 + call));
  stage.returned({ op: "reserve_job", job: "j", outcome: "fail", reply: "overloaded", from: 5, to: 5 });
}

/** The store is asked every `every` ms until 200 ms. */
function follows(stage: Stage, every = 40): void {
  for (let at = every; at < 200; at += every) stage.hear(settled(at, at + 1, "changes_since"));
  stage.phase(200, "end");
}

describe("K5", () => {
  it("holds where as many calls as may be are in flight, the others are refused, and following goes on", () => {
    const stage = overloaded();
    refused(stage);
    follows(stage);
    expect(stage.finish()).toMatchObject({
      verdict: "held",
      exercised: 1,
      measures: [{ value: 2, threshold: 2 }, { name: "time_without_a_look_ms_max" }],
    });
  });

  it("is violated by one call too many, and by a refusal while there was room", () => {
    const [more, fewer] = [overloaded(), overloaded()];
    refused(more, 3);
    refused(fewer, 1);
    expect(more.finish().verdict).toBe("violated");
    expect(fewer.finish().verdict).toBe("violated");
  });

  it("counts look-ups of nodes with the calls of clients, and the calls of the instance itself not", () => {
    const stage = overloaded();
    for (const script of ["sweep", "changes_since", "snapshot"] as const) stage.hear(settled(1, 9, script));
    refused(stage);
    stage.send(6, { kind: "snapshot", records: ["n"], after: "", limit: 0 });
    stage.hear({ ...settled(6, 8, "snapshot"), request: 1 });
    expect(stage.finish()).toMatchObject({ verdict: "violated", measures: [{ value: 3 }, {}] });
  });

  it.each([
    [75, "held"],
    [80, "violated"],
  ])("allows a poll, a pulse and a read between two looks: every %d ms is %s", (every, verdict) => {
    const stage = overloaded();
    refused(stage);
    follows(stage, every);
    expect(stage.finish().verdict).toBe(verdict);
  });

  it("expects no looks of an instance that is degraded, stopped or dead", () => {
    const stage = overloaded();
    refused(stage);
    stage.mode(20, "normal", "l2_only");
    stage.phase(400, "end");
    expect(stage.finish().verdict).toBe("held");
    const paused = overloaded();
    refused(paused);
    paused.hear(settled(30, 31, "changes_since"));
    paused.instance(35, "paused");
    paused.instance(300, "resumed");
    paused.hear(settled(301, 302, "changes_since"));
    expect(paused.finish().verdict).toBe("held");
  });

  it("is not exercised where no call was refused", () => {
    const stage = overloaded();
    follows(stage);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });
});

describe("K5 of what is kept", () => {
  const kept = (stage: Stage, node: string, source: string, found = true) => {
    const content = { ...stage.content(), node };
    stage.read(20, found ? content : null, { id: node, source, found });
  };

  it.each([
    ["l1", true],
    ["miss", false],
  ])("is violated by an answer from %s that had to be forgotten", (source, found) => {
    for (const [others, verdict] of [
      [["b"], "held"],
      [["b", "c"], "violated"],
    ] as const) {
      const stage = overloaded();
      stage.run(1, register());
      refused(stage);
      for (const node of ["a", ...others]) kept(stage, node, "redis", found);
      kept(stage, "a", source, found);
      expect(stage.finish().verdict).toBe(verdict);
    }
  });

  it("counts nothing that a change, a load or a new process may have removed", () => {
    const stage = overloaded();
    stage.run(1, register());
    refused(stage);
    for (const node of ["n", "b"]) kept(stage, node, "redis");
    stage.run(21, { kind: "reserve_job", node: "b", job: "x", lease: 1_000, seen: 0 });
    stage.run(21, register("b", "r2"));
    kept(stage, "c", "redis");
    kept(stage, "n", "l1");
    expect(stage.finish().verdict).toBe("held");
  });
});

describe("overlapping intervals", () => {
  it("are counted at their busiest moment, and within a time", () => {
    const calls = new Intervals();
    for (const [from, to] of [
      [0, 10],
      [5, 15],
      [10, 20],
      [40, 50],
    ] as const)
      calls.add(from, to);
    expect(calls.peak()).toEqual({ at: 5, count: 2 });
    expect(calls.most(20, 35, 0)).toBe(0);
    expect(calls.most(20, 35, 5)).toBe(1);
    expect(calls.most(0, 50, 0)).toBe(2);
    expect(new Intervals().peak().count).toBe(0);
  });
});
