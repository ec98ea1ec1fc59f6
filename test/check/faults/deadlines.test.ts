import { describe, expect, it } from "vitest";
import { judgeDeadlines } from "../../../src/check/deadlines.ts";
import { faultFrom, stall, storeCall, trialOf } from "../trials.ts";

const fault = faultFrom(100, 400);

describe("K3", () => {
  it("holds when calls end by their deadline, give or take what no timer can promise", () => {
    const history = [...fault, storeCall(150, 175), storeCall(150, 178), storeCall(10, 12)];
    expect(judgeDeadlines(trialOf({ history }))).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it("is violated by a call that goes on", () => {
    const judged = judgeDeadlines(trialOf({ history: [...fault, storeCall(150, 350)] }));
    expect(judged.violations[0]?.[0]).toBe("changes_since of instance 0 ended after 200 ms, allowed 25 ms");
  });

  it("does not blame a call for what the process stood still", () => {
    const history = [...fault, stall(160, 40), storeCall(150, 210)];
    expect(judgeDeadlines(trialOf({ history })).verdict).toBe("unknown");
  });

  it("is violated by a call that has not ended, unless nothing ran in all that time", () => {
    const overdue = {
      kind: "overdue",
      at: 300,
      instance: 0,
      operation: "reserveJob",
      from: 150,
      deadline: 25,
    } as const;
    const judged = judgeDeadlines(trialOf({ history: [...fault, storeCall(150, 175), overdue] }));
    expect(judged.violations[0]?.[0]).toBe("reserveJob of instance 0 had not ended after 150 ms, allowed 25 ms");
    const stalled = judgeDeadlines(trialOf({ history: [...fault, storeCall(150, 175), overdue, stall(155, 140)] }));
    expect(stalled).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("is not exercised by calls that no fault met", () => {
    expect(judgeDeadlines(trialOf({ history: [...fault, storeCall(10, 12)] })).verdict).toBe("not_exercised");
  });

  it("says how to get a quieter run where the machine's noise allowed no verdict, and how noisy it was", () => {
    const end = { kind: "phase", at: 1_000, name: "end" } as const;
    const judged = judgeDeadlines(trialOf({ history: [...fault, stall(160, 40), storeCall(150, 210), end] }));
    expect(judged.verdict).toBe("unknown");
    expect(judged.reason).toContain("run again with less beside it on the machine");
    expect(judged.measures.map(({ name }) => name)).toContain("machine_late_ms_p99");
    expect(judged.measures.filter(({ threshold }) => threshold !== undefined)).toEqual([]);
  });
});
