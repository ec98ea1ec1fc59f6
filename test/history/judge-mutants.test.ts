import { describe, expect, it } from "vitest";
import { judgeMutants } from "../../scenarios/mutants/judges.ts";
import { knownHistories } from "../../src/check/linear/known/histories.ts";
import { nodeHistories, ruleChanges, tryRules } from "../../src/check/linear/known/node-rules.ts";
import { judgeChanges, tryJudges } from "../../src/check/linear/known/wrong-judges.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { runJudgeMutant, trialsOf } from "../../src/history/judge-mutants.ts";

describe("the histories of known verdict", () => {
  it("are judged correctly by every judge", () => {
    expect(tryJudges(null).map(({ wrong }) => wrong)).toEqual([null, null, null]);
    expect(tryRules(null)).toMatchObject([{ asked: nodeHistories.length, wrong: null }]);
  });

  it("are possible and impossible ones", () => {
    expect(knownHistories.filter(({ verdict }) => verdict === "held").length).toBeGreaterThan(5);
    expect(knownHistories.filter(({ verdict }) => verdict === "violated").length).toBeGreaterThan(4);
  });
});

describe("a mutated judge", () => {
  it("exists for every change", () => {
    expect(judgeMutants.map(({ change }) => change)).toEqual([...judgeChanges, ...ruleChanges]);
  });

  it.each(judgeMutants)("is detected in every judge: $id", ({ change, id }) => {
    expect(runJudgeMutant(id, () => 0)).toMatchObject({ name: "check", verdict: "violated" });
    for (const { wrong } of trialsOf({ change })) expect(wrong).not.toBeNull();
  });

  it("has a known name", () => {
    expect(() => runJudgeMutant("judge-asleep", () => 0)).toThrow(UsageError);
  });
});
