import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeDeadlines } from "../../../src/judges/time/deadlines.ts";
import { call, faultFrom, phase, stall, storeCall, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { reserve, Stage } from "../../simulate/judges/stage.ts";

describe("K3 of a recorded run", () => {
  const judged = (...history: readonly HistoryEvent[]) =>
    judgeRecorded(
      judgeDeadlines,
      trialOf({ history: [...faultFrom(100, 400), ...history], terms: { writeLimit: 35 } }),
    );
  const overdue = { kind: "overdue", at: 300, instance: 0, operation: "reserveJob", from: 150, deadline: 25 } as const;
  const end = phase("end", 1_000);

  it("holds when calls end by their deadline, give or take what no timer can promise", () => {
    expect(judged(storeCall(150, 175), storeCall(150, 178), storeCall(10, 12))).toMatchObject({
      ...{ verdict: "held", exercised: 2 },
    });
  });

  it("is violated by a call that goes on", () => {
    expect(judged(storeCall(150, 350)).violations[0]?.[0]).toBe(
      "changes_since of instance 0 ended after 200 ms, allowed 25 ms",
    );
  });

  it("is not exercised by calls that no fault met, nor says anything of those before the load", () => {
    expect(judged(storeCall(10, 12), storeCall(-300, -100)).verdict).toBe("not_exercised");
  });

  it("is exercised by every call of a control", () => {
    const trial = trialOf({ history: [storeCall(10, 12)], side: "control" });
    expect(judgeRecorded(judgeDeadlines, trial)).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated by a call that has not ended, unless nothing ran in all that time", () => {
    expect(judged(storeCall(150, 175), overdue).violations[0]?.[0]).toBe(
      "reserveJob of instance 0 had not ended after 150 ms, allowed 25 ms",
    );
    expect(judged(storeCall(150, 175), overdue, stall(155, 140))).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("says nothing of a write that was in flight where a history was cut off", () => {
    const open = call({ op: "heartbeat", node: "n", from: 110, to: null });
    expect(judged(storeCall(150, 175), open)).toMatchObject({ verdict: "held", violations: [] });
  });

  it("is unknown where the process paused, and says how to get a quieter run and how noisy this one was", () => {
    const { measures, reason, verdict } = judged(stall(160, 40), storeCall(150, 210), end);
    expect(verdict).toBe("unknown");
    expect(reason).toContain("run again with less beside it on the machine");
    expect(measures.map(({ name }) => name)).toContain("machine_late_ms_p99");
    expect(measures.filter(({ threshold }) => threshold !== undefined)).toEqual([]);
  });

  it("holds a client's write to the calls that it may make, and no read, nor a dispatch of which none was seen", () => {
    const took = (op: "heartbeat" | "dispatch" | "get_node", to: number | null) =>
      judged(storeCall(150, 175), call({ op, node: "n", from: 110, to }), end);
    expect(took("heartbeat", 255).verdict).toBe("held");
    expect(took("heartbeat", 256).violations[0]?.[0]).toBe(
      "heartbeat n on instance 0 took 146 ms, allowed 140 ms: 4 writes at most",
    );
    expect(took("heartbeat", null).violations[0]?.[0]).toMatch(
      /^heartbeat n on instance 0 had not returned after 890 ms/,
    );
    const unanswered = (...stalls: readonly HistoryEvent[]) =>
      judged(storeCall(150, 175), call({ op: "heartbeat", node: "n", from: 110, to: null }), ...stalls, end).verdict;
    expect([unanswered(stall(110, 700)), unanswered(stall(110, 880))]).toEqual(["violated", "unknown"]);
    for (const op of ["dispatch", "get_node"] as const) expect(took(op, 900).verdict).toBe("held");
  });
});

describe("K3 of a recorded run in which a write's calls were seen", () => {
  const judged = (...calls: readonly HistoryEvent[]) =>
    judgeRecorded(
      judgeDeadlines,
      trialOf({
        history: [...faultFrom(100, 400), ...calls, phase("end", 1_000)],
        terms: { writeLimit: 35, writeTimeout: 30 },
      }),
    );
  const sent = (from: number, to: number, instance = 0) =>
    ({ ...storeCall(from, to), instance, script: "heartbeat", deadline: 30 }) as const;
  const write = (to: number) => call({ op: "heartbeat", node: "n", from: 110, to });

  it.each<readonly [string, number, readonly HistoryEvent[], boolean]>([
    ["one call allows one deadline", 150, [sent(111, 113)], true],
    ["its client waits once more for nothing", 151, [sent(111, 113)], false],
    ["it is sent late", 170, [sent(168, 169)], false],
    ["two calls allow two", 185, [sent(111, 141), sent(141, 143)], true],
    ["two calls do not allow three", 186, [sent(111, 141), sent(141, 143)], false],
    [
      "those of another instance, and those before, count for nothing",
      151,
      [sent(90, 92), sent(112, 113, 1), sent(120, 121)],
      false,
    ],
    [
      "no more than it may make count",
      256,
      Array.from({ length: 9 }, (_, index) => sent(111 + index, 113 + index)),
      false,
    ],
    ["none was seen", 250, [], true],
  ])("%s: %d ms", (_, to, calls, isHeld) => {
    expect(judged(sent(105, 106), write(to), ...calls).violations.length === 0).toBe(isHeld);
  });

  it("holds a dispatch to its calls too", () => {
    const asked = (from: number, to: number) => ({ ...sent(from, to), script: "reserve_job" }) as const;
    const dispatch = (to: number) => call({ op: "dispatch", node: "n", job: "j", from: 110, to });
    expect(judged(asked(111, 113), asked(113, 115), dispatch(185)).violations).toEqual([]);
    expect(judged(asked(111, 113), asked(113, 115), dispatch(186)).violations[0]?.[0]).toBe(
      "dispatch n on instance 0 took 76 ms, allowed 70 ms: 2 of the writes seen meanwhile",
    );
  });
});

describe("K3 of a simulated run", () => {
  const staged = () => new Stage(inSimulation(judgeDeadlines));
  const settle = (stage: Stage, from: number, at: number) => {
    const place = { kind: "settled", at, instance: 0, request: 1, script: "heartbeat", partition: 0 } as const;
    stage.hear({ ...place, from, deadline: 30, outcome: "deadline" });
  };

  it("holds where every request ends by its deadline, and is exercised under a fault", () => {
    const stage = staged();
    settle(stage, 0, 30);
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
    stage.fault(40, "inject");
    settle(stage, 39, 69);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("allows the grace beside to a call that its client does not end, and no more", () => {
    const given = (at: number) => {
      const stage = staged();
      stage.fault(0, "inject");
      const place = { kind: "settled", at, instance: 0, request: 1, script: "heartbeat", partition: 0 } as const;
      stage.hear({ ...place, from: 10, deadline: 30, outcome: "deadline", isUntimed: true });
      return stage.finish();
    };
    expect(given(45)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(given(45.1).violations[0]?.[0]).toBe("heartbeat of instance 0 ended after 35.1 ms, allowed 35 ms");
  });

  it("is violated where one ends later, but for the time in which the instance paused", () => {
    const stage = staged();
    stage.instance(10, "paused");
    stage.instance(110, "resumed");
    settle(stage, 0, 130);
    expect(stage.finish().violations).toEqual([]);
    settle(stage, 0, 130.1);
    expect(stage.finish().violations[0]?.[0]).toBe("heartbeat of instance 0 ended after 30.1 ms, allowed 30 ms");
  });

  it("is violated where one has not ended at the end, unless its sender has", () => {
    const stage = staged();
    stage.send(10, reserve("a"));
    stage.send(10, reserve("b"), 1);
    stage.instance(20, "crashed", 1);
    stage.phase(41, "end");
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      "reserve_job of instance 0 had not ended after 31 ms, allowed 30 ms",
    ]);
  });

  it.each([
    [140, true, []],
    [141, true, ["heartbeat n on instance 0 took 141 ms, allowed 140 ms: 4 writes at most"]],
    [140, false, []],
    [141, false, ["heartbeat n on instance 0 had not returned after 141 ms, allowed 140 ms: 4 writes at most"]],
  ])("of a client's heartbeat that waits %d ms, answered: %s, says %j", (waited, isAnswered, found) => {
    const stage = staged();
    stage.returned({ op: "heartbeat", from: 10, to: isAnswered ? 10 + waited : null }, 10 + waited);
    expect(stage.finish().violations.map(([first]) => first)).toEqual(found);
  });
});
