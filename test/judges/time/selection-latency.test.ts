import { describe, expect, it } from "vitest";
import { call, faultFrom, judgedBy, phase, stall, trialOf } from "../../check/trials.ts";

const fault = faultFrom(100, 400);
const select = (from: number, took: number) => call({ op: "select_nodes", from, to: from + took, reply: "normal" });
const quick = Array.from({ length: 198 }, (_, index) => select(150 + index, 1));

describe("B2", () => {
  it("holds when at most one selection in a hundred is late, and counts those that the fault met", () => {
    const judged = judgedBy("B2", trialOf({ history: [...fault, ...quick, select(500, 50), select(510, 50)] }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 198 });
  });

  it("is violated by one more", () => {
    const late = [500, 510, 520].map((from) => select(from, 50));
    const judged = judgedBy("B2", trialOf({ history: [...fault, ...quick, ...late] }));
    expect(judged.violations[0]?.[0]).toBe("3 of 201 selections took 50 ms or more, allowed 1 in 100");
  });

  it("is unknown when the process paused for the time that was too much", () => {
    const late = [500, 501, 502].map((from) => select(from, 60));
    const judged = judgedBy("B2", trialOf({ history: [...fault, ...quick, stall(505, 50), ...late] }));
    expect(judged.verdict).toBe("unknown");
  });

  it("is unknown when a process paused for as long as its selections had no answer, and violated when for a part of it", () => {
    const open = [500, 501, 502].map((from) => call({ op: "select_nodes", from, to: null, reply: "never returned" }));
    const judged = (lasted: number) =>
      judgedBy("B2", trialOf({ history: [...fault, ...quick, stall(500, lasted), ...open, phase("end", 900)] }))
        .verdict;
    expect([judged(400), judged(200), judged(0)]).toEqual(["unknown", "violated", "violated"]);
  });

  it("is violated by faults alone, whatever the quiet times around them were like", () => {
    const calm = Array.from({ length: 1_000 }, (_, index) => select(500 + index, 1));
    const judged = judgedBy("B2", trialOf({ history: [...fault, ...quick.slice(0, 60), select(200, 50), ...calm] }));
    expect(judged.violations.map(([first]) => first)).toEqual([
      "1 of 61 selections during faults took 50 ms or more, allowed 1 in 100",
    ]);
  });

  it("is unknown when so many were late that the machine's share of them decides, however small that share", () => {
    const calm = Array.from({ length: 800 }, (_, index) => select(700 + index, 1));
    const late = Array.from({ length: 10 }, (_, index) => select(2_000 + index * 100, 60));
    const judged = judgedBy(
      "B2",
      trialOf({ history: [...fault, ...quick, ...calm, ...late, stall(3_005, 50), select(3_000, 60)] }),
    );
    // 11 of 1,009 were late, 10 of them by themselves.
    expect(judged).toMatchObject({ verdict: "unknown", violations: [] });
    expect(judged.reason).toContain("run again with less beside it on the machine");
    expect(judged.measures.find(({ name }) => name === "selection_ms_p99")).not.toHaveProperty("threshold");
  });

  it("holds when one in a hundred was late, for any reason: that is what P99 allows", () => {
    const late = [select(500, 60), select(510, 60)];
    const judged = judgedBy("B2", trialOf({ history: [...fault, ...quick, stall(505, 50), ...late] }));
    expect(judged.verdict).toBe("held");
    expect(judged.measures).toContainEqual({ name: "selection_ms_p99", value: 1, threshold: 50 });
  });

  it("is exercised by every selection of a control, and by none that no fault met otherwise", () => {
    const history = [select(10, 1), select(500, 1)];
    expect(judgedBy("B2", trialOf({ history, side: "control" })).exercised).toBe(2);
    expect(judgedBy("B2", trialOf({ history: [...fault, ...history] })).verdict).toBe("not_exercised");
  });
});
