/** Bounds of time that were missed by so little that one run does not tell whose doing it was. */
import { describe, expect, it } from "vitest";
import { judgeDeadlines } from "../../src/check/deadlines.ts";
import { judgeDegradation } from "../../src/check/degradation.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import type { Judgement, Trial } from "../../src/check/judgement.ts";
import { judgeReadLatency } from "../../src/check/read-latency.ts";
import { judgeRecovery } from "../../src/check/recovery.ts";
import { faultFrom, mode, read, storeCall, trialOf } from "./trials.ts";

const fault = faultFrom(100, 400);
const away = mode(130, "normal", "l2_only");
const end = { kind: "phase", at: 900, name: "end" } as const;
const overdue = { kind: "overdue", at: 200, instance: 0, operation: "reserveJob", from: 150, deadline: 25 } as const;
const flaps = (cause: "deadline" | "disconnected"): readonly HistoryEvent[] => [
  { ...away, cause },
  mode(200, "l2_only", "normal"),
  { ...mode(230, "normal", "l2_only"), cause },
  mode(500, "l2_only", "normal"),
];

/** The thread ran, and nobody knows for whom. */
const busy = { kind: "stall", since: 140, at: 202, lasted: 60, ran: 50, waited: 0 } as const;

type Case = readonly [what: string, judge: (trial: Trial) => Judgement, history: readonly HistoryEvent[]];

describe("a violation is slight", () => {
  it.each<Case>([
    ["a call of Redis that ended 55 ms past its deadline", judgeDeadlines, [busy, storeCall(141, 221)]],
    ["a read that took 99 ms", judgeReadLatency, [busy, read(141, 240)]],
    ["a degradation after 100 ms", judgeDegradation, [busy, mode(200, "normal", "l2_only")]],
    ["departures from normal because of deadlines", judgeRecovery, flaps("deadline")],
  ])("of %s", (_what, judge, history) => {
    expect(judge(trialOf({ history: [...fault, ...history, end] }))).toMatchObject({
      verdict: "violated",
      isSlight: true,
    });
  });

  it.each<Case>([
    ["a call of Redis that ended 56 ms past its deadline", judgeDeadlines, [busy, storeCall(141, 222)]],
    ["one that ended late while the thread was free", judgeDeadlines, [storeCall(141, 181)]],
    ["one while it was busy for too short", judgeDeadlines, [busy, storeCall(190, 240)]],
    [
      "one while an instance kept the thread for longer",
      judgeDeadlines,
      [{ ...busy, at: 212, lasted: 70, ran: 70 }, storeCall(141, 215)],
    ],
    ["two of which one was late by more", judgeDeadlines, [busy, storeCall(141, 350), storeCall(141, 181)]],
    ["one that had not ended", judgeDeadlines, [busy, storeCall(150, 175), overdue]],
    ["a read that took 101 ms", judgeReadLatency, [busy, read(141, 242)]],
    ["one that took 60 ms while the thread was free", judgeReadLatency, [read(141, 201)]],
    ["one that never returned", judgeReadLatency, [busy, read(830, null), read(141, 200)]],
    ["one that threw", judgeReadLatency, [read(150, 151, { outcome: "fail", reply: "threw" })]],
    ["a degradation after 101 ms", judgeDegradation, [busy, mode(201, "normal", "l2_only")]],
    ["one after 60 ms while the thread was free", judgeDegradation, [mode(160, "normal", "l2_only")]],
    ["none within the fault", judgeDegradation, [busy]],
    ["a return to normal after the bound", judgeRecovery, [away, mode(1_401, "l2_only", "normal")]],
    ["departures from normal for another reason", judgeRecovery, flaps("disconnected")],
  ])("but not of %s", (_what, judge, history) => {
    const judged = judge(trialOf({ history: [...fault, ...history, end] }));
    expect(judged.verdict).toBe("violated");
    expect(judged).not.toHaveProperty("isSlight");
  });
});
