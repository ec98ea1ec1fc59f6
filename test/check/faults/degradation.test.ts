import { describe, expect, it } from "vitest";
import { judgeDegradation } from "../../../src/check/degradation.ts";
import { faultFrom, mode, stall, trialOf } from "../trials.ts";

describe("D2", () => {
  it("holds when the mode has left normal within 50 ms of the fault", () => {
    const history = [...faultFrom(100, 400), mode(140, "normal", "l2_only")];
    expect(judgeDegradation(trialOf({ history }))).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated at 51 ms", () => {
    const history = [...faultFrom(100, 400), mode(151, "normal", "l2_only")];
    const judged = judgeDegradation(trialOf({ history }));
    expect(judged.verdict).toBe("violated");
    expect(judged.violations[0]?.[0]).toBe("instance 0 degraded 51 ms after the fault, allowed 50 ms");
  });

  it("is violated by an instance that never degrades, whatever stood still", () => {
    const history = [...faultFrom(100, 400), stall(120, 270)];
    expect(judgeDegradation(trialOf({ history })).verdict).toBe("violated");
  });

  it("is unknown when the process stood still for the time that was too much", () => {
    const history = [...faultFrom(100, 400), stall(110, 30), mode(170, "normal", "l2_only")];
    expect(judgeDegradation(trialOf({ history })).verdict).toBe("unknown");
  });

  it("counts from when the commands were cut, not from when the feed was", () => {
    const feed = faultFrom(80, 400, { link: "feed", done: 80 }).slice(0, 1);
    const history = [...feed, ...faultFrom(100, 400), mode(145, "normal", "l2_only")];
    expect(judgeDegradation(trialOf({ history })).measures).toContainEqual({
      name: "time_to_degradation_ms_max",
      value: 45,
      threshold: 50,
    });
  });

  it.each([
    ["the fault cuts nobody off", faultFrom(100, 400, { cuts_off: false }), []],
    ["the fault is over before the budget is", faultFrom(100, 140), []],
    ["the instance was degraded before", faultFrom(100, 400), [mode(50, "normal", "l2_only")]],
  ])("is not exercised when %s", (_why, fault, modes) => {
    expect(judgeDegradation(trialOf({ history: [...fault, ...modes] })).verdict).toBe("not_exercised");
  });

  it("judges every instance that a fault of the server cuts off", () => {
    const history = [
      ...faultFrom(100, 400, { instance: null, link: "server" }),
      mode(120, "normal", "l2_only", 0),
      mode(190, "normal", "l2_only", 1),
    ];
    const judged = judgeDegradation(trialOf({ history, instances: 2 }));
    expect(judged).toMatchObject({ exercised: 2, verdict: "violated" });
    expect(judged.violations[0]?.[0]).toContain("instance 1");
  });

  it("says how to get a quieter run where the machine's noise allowed no verdict, and how noisy it was", () => {
    const end = { kind: "phase", at: 1_000, name: "end" } as const;
    const judged = judgeDegradation(
      trialOf({ history: [...faultFrom(100, 400), stall(110, 30), mode(170, "normal", "l2_only"), end] }),
    );
    expect(judged.verdict).toBe("unknown");
    expect(judged.reason).toContain("run again with less beside it on the machine");
    expect(judged.measures.map(({ name }) => name)).toContain("machine_late_ms_p99");
    expect(judged.measures.filter(({ threshold }) => threshold !== undefined)).toEqual([]);
  });
});
