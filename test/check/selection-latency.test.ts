import { describe, expect, it } from "vitest";
import { judgeSelectionLatency } from "../../src/check/selection-latency.ts";
import { call, faultFrom, stall, trialOf } from "./trials.ts";

const fault = faultFrom(100, 400);
const select = (from: number, took: number) => call({ op: "select_nodes", from, to: from + took, reply: "normal" });
const quick = Array.from({ length: 198 }, (_, index) => select(150 + index, 1));

describe("B2", () => {
  it("holds when at most one selection in a hundred is late, and counts those that the fault met", () => {
    const judged = judgeSelectionLatency(trialOf({ history: [...fault, ...quick, select(500, 50), select(510, 50)] }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 198 });
  });

  it("is violated by one more", () => {
    const late = [500, 510, 520].map((from) => select(from, 50));
    const judged = judgeSelectionLatency(trialOf({ history: [...fault, ...quick, ...late] }));
    expect(judged.violations[0]?.[0]).toBe("3 of 201 selections took 50 ms or more, allowed 1 in 100");
  });

  it("is unknown when the process stood still for the time that was too much", () => {
    const late = [500, 501, 502].map((from) => select(from, 60));
    const judged = judgeSelectionLatency(trialOf({ history: [...fault, ...quick, stall(505, 50), ...late] }));
    expect(judged.verdict).toBe("unknown");
  });

  it("is exercised by every selection of a control, and by none that no fault met otherwise", () => {
    const history = [select(10, 1), select(500, 1)];
    expect(judgeSelectionLatency(trialOf({ history, side: "control" })).exercised).toBe(2);
    expect(judgeSelectionLatency(trialOf({ history: [...fault, ...history] })).verdict).toBe("not_exercised");
  });
});
