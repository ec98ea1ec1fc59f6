import { describe, expect, it } from "vitest";
import type { HistoryEvent, StoreCall } from "../../../src/check/history.ts";
import { judgeRecovery } from "../../../src/judges/time/recovery.ts";
import { faultFrom, judgedBy, mode, stall, storeCall, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const away = mode(130, "normal", "l2_only");

describe("D3 of a recorded run", () => {
  it("holds when the mode is normal again within the bound", () => {
    const history = [...faultFrom(100, 400), away, mode(900, "l2_only", "normal")];
    const judged = judgedBy("D3", trialOf({ history }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 500, threshold: 1_000 });
  });

  it("is violated when that takes longer", () => {
    const history = [...faultFrom(100, 400), away, mode(1_401, "l2_only", "normal")];
    expect(judgedBy("D3", trialOf({ history })).violations[0]?.[0]).toBe(
      "instance 0 was normal again 1001 ms after healing, allowed 1000 ms",
    );
  });

  it("is violated when it never happens", () => {
    expect(judgedBy("D3", trialOf({ history: [...faultFrom(100, 400), away] })).verdict).toBe("violated");
  });

  it("is violated by a mode that flaps", () => {
    const flaps = [mode(200, "l2_only", "normal"), mode(230, "normal", "l2_only"), mode(500, "l2_only", "normal")];
    const judged = judgedBy("D3", trialOf({ history: [...faultFrom(100, 400), away, ...flaps] }));
    expect(judged.violations[0]?.[0]).toBe("instance 0 left normal 2 times around one fault, allowed 1");
  });

  it("leaves to the next fault what that one does", () => {
    const next = faultFrom(1_390, 1_600, { fault: 1 });
    const modes = [mode(700, "l2_only", "normal"), mode(1_395, "normal", "l2_only"), mode(1_900, "l2_only", "normal")];
    expect(judgedBy("D3", trialOf({ history: [...faultFrom(100, 400), ...next, away, ...modes] })).verdict).toBe(
      "held",
    );
  });

  it("is unknown when the next fault came before the bound was over, and it was not back by then", () => {
    const next = (at: number) => faultFrom(at, 1_600, { fault: 1 });
    const judged = (at: number) =>
      judgedBy(
        "D3",
        trialOf({ history: [...faultFrom(100, 400), ...next(at), away, mode(1_900, "l2_only", "normal")] }),
      ).verdict;
    expect(judged(1_390)).toBe("unknown");
    expect(judged(1_401)).toBe("violated");
  });

  it("does not blame the instance for a departure right after the process paused", () => {
    const back = [mode(500, "l2_only", "normal"), mode(730, "normal", "l2_only"), mode(900, "l2_only", "normal")];
    const history = [...faultFrom(100, 400), away, ...back, stall(690, 35)];
    expect(judgedBy("D3", trialOf({ history })).verdict).toBe("held");
  });

  it("is unknown when it was late and something paused meanwhile", () => {
    const history = [...faultFrom(100, 400), away, stall(800, 60), mode(1_500, "l2_only", "normal")];
    expect(judgedBy("D3", trialOf({ history })).verdict).toBe("unknown");
  });

  describe("of an instance that is away for more than twice the bound", () => {
    const failed = (from: number, parts: Partial<StoreCall> = {}) =>
      storeCall(from, from + 26, { outcome: "deadline", ...parts });
    const backAt = (at: number) => [...faultFrom(100, 400), away, mode(at, "l2_only", "normal")];
    const judged = (history: readonly HistoryEvent[]) =>
      judgedBy("D3", trialOf({ history: [...history, end] })).verdict;
    const end = { kind: "phase", at: 5_000, name: "end" } as const;

    it("is unknown where each of its calls failed because of the machine, and it was back in time after the last", () => {
      const kept = [failed(1_000), stall(1_005, 21), failed(1_900), stall(1_905, 21)];
      expect(judged([...backAt(2_900), ...kept])).toBe("unknown");
      expect(judged([...backAt(2_927), ...kept])).toBe("violated");
      expect(judged([...backAt(2_900), ...kept, failed(1_500)])).toBe("violated");
      expect(judged([...backAt(2_900), ...kept, failed(1_500, { outcome: "busy" })])).toBe("violated");
      expect(judged([...backAt(2_900), stall(1_005, 21), stall(1_905, 21)])).toBe("violated");
    });

    it("is unknown where the machine took from it what the bound was exceeded by, and no less", () => {
      const still = Array.from({ length: 10 }, (_, index) => stall(500 + 200 * index, 110));
      expect(judged([...backAt(2_500), ...still])).toBe("unknown");
      expect(judged([...backAt(2_501), ...still])).toBe("violated");
    });
  });

  it("is violated by little where waits of a moment add up to what it was late by, and unknown where one of them is long", () => {
    const hosted = { kind: "hosted", at: -20, instance: 0, life: 1 } as const;
    const waits = (each: number) =>
      Array.from({ length: 100 }, (_, nth) => ({
        ...{ ...stall(410 + 11 * nth, each), instance: 0 },
        ...{ ran: 0, waited: each },
      }));
    const long = { ...stall(1_520, 60), instance: 0, ran: 0, waited: 60 };
    const judged = (at: number, ...more: readonly HistoryEvent[]) => {
      const modes = [away, mode(at, "l2_only", "normal")];
      return judgedBy("D3", trialOf({ history: [hosted, ...faultFrom(100, 400), ...modes, ...more] }));
    };
    expect(judged(1_450, ...waits(3))).toMatchObject({ verdict: "violated", isMarginal: true });
    expect(judged(1_600, ...waits(3), long)).toMatchObject({ verdict: "violated", isMarginal: true });
    expect(judged(1_450, ...waits(10))).toMatchObject({ verdict: "unknown" });
    expect(judged(1_450, { ...long, since: 900, at: 960 }).verdict).toBe("unknown");
    const alone = judged(1_450);
    expect({ verdict: alone.verdict, isMarginal: alone.isMarginal }).toEqual({
      verdict: "violated",
      isMarginal: undefined,
    });
  });

  it("counts one recovery for faults that follow each other at once", () => {
    const second = faultFrom(400, 700, { fault: 1, name: "redis_refused" });
    const history = [...faultFrom(100, 402), ...second, away, mode(1_000, "l2_only", "normal")];
    const judged = judgedBy("D3", trialOf({ history }));
    expect(judged.exercised).toBe(1);
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 300, threshold: 1_000 });
  });

  it("counts a departure that a moment's fault causes just after it", () => {
    const history = [...faultFrom(100, 100), mode(103, "normal", "l2_only"), mode(450, "l2_only", "normal")];
    const judged = judgedBy("D3", trialOf({ history }));
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 350, threshold: 1_000 });
  });

  it("is not exercised by a fault that degraded no instance", () => {
    expect(judgedBy("D3", trialOf({ history: faultFrom(100, 400) })).verdict).toBe("not_exercised");
  });
});

describe("D3 of a simulated run", () => {
  /** A fault from 1,000 to 2,000, under which the instance degrades at once. */
  function degraded(parts: Parameters<Stage["fault"]>[2] = {}): Stage {
    const stage = new Stage(inSimulation(judgeRecovery));
    stage.fault(1_000, "inject", parts);
    stage.mode(1_010, "normal", "l2_only");
    stage.fault(2_000, "heal", parts);
    return stage;
  }

  it.each([
    [3_000, "held"],
    [3_001, "violated"],
  ])("back in normal at %d: %s", (at, verdict) => {
    const stage = degraded();
    stage.mode(at, "l2_only", "normal");
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

  it("is violated where it is not back when the bound is over, though the next fault comes at that moment", () => {
    const [early, due] = [degraded(), degraded()];
    early.fault(2_999, "inject");
    due.fault(3_000, "inject");
    expect([early, due].map((stage) => stage.finish().verdict)).toEqual(["not_exercised", "violated"]);
  });

  it("is not exercised where no instance had degraded, where the next fault leaves no time, or the instance dies", () => {
    const calm = new Stage(inSimulation(judgeRecovery));
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
    stage.mode(3_500, "l2_only", "normal");
    expect(stage.finish().verdict).toBe("held");
  });

  it("is violated where one leaves normal again, within the bound or for what the fault left behind", () => {
    for (const at of [2_700, 3_100]) {
      const stage = degraded();
      stage.mode(2_500, "l2_only", "normal");
      stage.mode(at, "normal", "l2_only");
      expect(stage.finish().violations.map(([first]) => first)).toEqual([
        "instance 0 left normal 2 times around one fault, allowed 1",
      ]);
    }
  });

  it("gives one that leaves a little after healing, for what the fault left behind, its time from then on", () => {
    const left = (backAt: number) => {
      const stage = new Stage(inSimulation(judgeRecovery));
      stage.fault(1_000, "inject");
      stage.fault(2_000, "heal");
      stage.mode(2_900, "normal", "l2_only");
      stage.mode(backAt, "l2_only", "normal");
      return stage.finish().verdict;
    };
    expect(left(3_900)).toBe("held");
    expect(left(3_901)).toBe("violated");
  });

  it("lets each of two faults that overlap be left once, and neither of them twice", () => {
    const left = (...times: readonly number[]) => {
      const stage = degraded({ fault: 1 });
      stage.fault(1_500, "inject");
      for (const at of times) {
        stage.mode(at - 50, "l2_only", "normal");
        stage.mode(at, "normal", "l2_only");
      }
      stage.fault(2_100, "heal");
      stage.mode(2_400, "l2_only", "normal");
      return stage.finish().verdict;
    };
    expect(left(2_050)).toBe("held");
    expect(left(2_030, 2_090)).toBe("violated");
  });

  it("lets a fault that does not cut off, and comes and goes by itself, be left more than once", () => {
    const stage = degraded({ cutsOff: false });
    stage.mode(2_100, "l2_only", "normal");
    stage.mode(2_200, "normal", "l2_only");
    stage.mode(2_500, "l2_only", "normal");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("lets a fault that cuts off twice be left twice", () => {
    const led = { name: "redis_former_primary" };
    const stage = degraded(led);
    stage.mode(2_100, "l2_only", "normal");
    stage.mode(2_200, "normal", "l2_only");
    stage.mode(2_400, "l2_only", "normal");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });
});
