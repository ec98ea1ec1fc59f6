import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rareMutants } from "../../scenarios/mutants/scheduler/rare.ts";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { findSchedulerMutant, loadScheduler } from "../../src/mutants/schedulers.ts";

describe("scheduler mutants", () => {
  it("are changes that can be made: each text is in its file exactly once, and is changed", () => {
    for (const { edits } of [...schedulerMutants, ...rareMutants]) {
      for (const { file, find, replace } of edits) {
        const text = readFileSync(new URL(`../../src/scheduler/${file}`, import.meta.url), "utf8");
        expect(text.split(find)).toHaveLength(2);
        expect(replace).not.toBe(find);
      }
    }
  });

  it("are refused where the text is not there, so that none turns into the right one unnoticed", async () => {
    const [first] = schedulerMutants;
    if (first === undefined) throw new Error("there are none");
    const edits = [{ file: "settings.ts", find: "no such text", replace: "" }];
    await expect(loadScheduler({ ...first, edits })).rejects.toThrow("0 places to change, allowed exactly 1");
  });

  it("have names of their own, the rare ones too", () => {
    const ids = [...schedulerMutants, ...rareMutants].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are refused by a name that there is not", () => {
    expect(() => findSchedulerMutant("no-such-thing")).toThrow(UsageError);
  });
});
