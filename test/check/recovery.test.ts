import { describe, expect, it } from "vitest";
import { judgeRecovery } from "../../src/check/recovery.ts";
import { faultFrom, mode, stall, trialOf } from "./trials.ts";

const away = mode(130, "normal", "l2_only");

describe("D3", () => {
  it("holds when the mode is normal again within the bound", () => {
    const history = [...faultFrom(100, 400), away, mode(900, "l2_only", "normal")];
    const judged = judgeRecovery(trialOf({ history }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 500, threshold: 1_000 });
  });

  it("is violated when that takes longer", () => {
    const history = [...faultFrom(100, 400), away, mode(1_401, "l2_only", "normal")];
    expect(judgeRecovery(trialOf({ history })).violations[0]?.[0]).toBe(
      "instance 0 was normal again 1001 ms after healing, allowed 1000 ms",
    );
  });

  it("is violated when it never happens", () => {
    expect(judgeRecovery(trialOf({ history: [...faultFrom(100, 400), away] })).verdict).toBe("violated");
  });

  it("is violated by a mode that flaps", () => {
    const flaps = [mode(200, "l2_only", "normal"), mode(230, "normal", "l2_only"), mode(500, "l2_only", "normal")];
    const judged = judgeRecovery(trialOf({ history: [...faultFrom(100, 400), away, ...flaps] }));
    expect(judged.violations[0]?.[0]).toBe("instance 0 left normal 2 times around one fault, allowed 1");
  });

  it("leaves to the next fault what that one does", () => {
    const next = faultFrom(1_390, 1_600, { fault: 1 });
    const modes = [mode(700, "l2_only", "normal"), mode(1_395, "normal", "l2_only"), mode(1_900, "l2_only", "normal")];
    expect(judgeRecovery(trialOf({ history: [...faultFrom(100, 400), ...next, away, ...modes] })).verdict).toBe("held");
  });

  it("does not blame the instance for a departure right after the process stood still", () => {
    const back = [mode(500, "l2_only", "normal"), mode(730, "normal", "l2_only"), mode(900, "l2_only", "normal")];
    const history = [...faultFrom(100, 400), away, ...back, stall(690, 35)];
    expect(judgeRecovery(trialOf({ history })).verdict).toBe("held");
  });

  it("is unknown when it was late and something stood still meanwhile", () => {
    const history = [...faultFrom(100, 400), away, stall(800, 60), mode(1_500, "l2_only", "normal")];
    expect(judgeRecovery(trialOf({ history })).verdict).toBe("unknown");
  });

  it("counts one recovery for faults that follow each other at once", () => {
    const second = faultFrom(400, 700, { fault: 1, name: "redis_refused" });
    const history = [...faultFrom(100, 402), ...second, away, mode(1_000, "l2_only", "normal")];
    const judged = judgeRecovery(trialOf({ history }));
    expect(judged.exercised).toBe(1);
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 300, threshold: 1_000 });
  });

  it("counts a departure that a moment's fault causes just after it", () => {
    const history = [...faultFrom(100, 100), mode(103, "normal", "l2_only"), mode(450, "l2_only", "normal")];
    const judged = judgeRecovery(trialOf({ history }));
    expect(judged.measures).toContainEqual({ name: "time_to_normal_ms_max", value: 350, threshold: 1_000 });
  });

  it("is not exercised by a fault that degraded nobody", () => {
    expect(judgeRecovery(trialOf({ history: faultFrom(100, 400) })).verdict).toBe("not_exercised");
  });
});
