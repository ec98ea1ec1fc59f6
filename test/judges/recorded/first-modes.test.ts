import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { judgeModes } from "../../../src/judges/modes/modes.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { faultFrom, mode, read, storeCall, trialOf } from "../../check/trials.ts";

const answeredIn = (said: string) =>
  read(10, 11, { read: { found: false, source: "none", stale: false, age_ms: 0, mode: said, node: null } });
const cameBack = mode(2_000, "local_only", "normal");

/** Returns the violations of D5 that concern the mode of an answer at 10 ms. */
function saidOf(...history: readonly HistoryEvent[]): readonly string[] {
  return saidIn("normal", ...history);
}

/** @param said the mode that the answer says */
function saidIn(said: string, ...history: readonly HistoryEvent[]): readonly string[] {
  const { violations } = judgeRecorded(
    judgeModes,
    trialOf({ history: [storeCall(1, 2), answeredIn(said), ...history] }),
  );
  return violations.map(([first = ""]) => first).filter((first) => first.includes("answered mode"));
}

describe("the mode in which an instance of a recorded run begins", () => {
  it("is normal where it crashed before the first change that was recorded", () => {
    const crash = faultFrom(500, 2_001, { name: "instance_crash", instance: 0, link: "process", cuts_off: false });
    expect(saidOf(...crash, cameBack)).toEqual([]);
  });

  it("is the one that it came from where it did not crash, or another one did", () => {
    const other = faultFrom(500, 1_001, { name: "instance_crash", instance: 1, link: "process", cuts_off: false });
    for (const history of [[cameBack], [...other, cameBack]]) expect(saidOf(...history)).toHaveLength(1);
  });

  it.each([
    ["came back from", [mode(2_000, "l2_only", "normal")]],
    ["was later", [mode(1_000, "l2_only", "local_only"), cameBack]],
  ] as const)("is l2_only where it %s that first", (_, changes) => {
    const wrong = ["l2_only", "local_only", "normal"].filter((said) => saidIn(said, ...changes).length > 0);
    expect(wrong).toEqual(["local_only", "normal"]);
  });
});
