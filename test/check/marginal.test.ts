/** Bounds of time that were missed by so little that one run does not show the cause. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../src/check/history.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { faultFrom, judgedBy, mode, read, storeCall, trialOf } from "./trials.ts";

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

/** The thread ran, and it is not known for what. */
const busy = { kind: "stall", since: 140, at: 202, lasted: 60, ran: 50, waited: 0 } as const;

type Case = readonly [what: string, property: PropertyId, history: readonly HistoryEvent[]];

describe("a violation is marginal", () => {
  it.each<Case>([
    ["a call of Redis that ended 55 ms past its deadline", "K3", [busy, storeCall(141, 221)]],
    ["a read that took 99 ms", "D1", [busy, read(141, 240)]],
    ["a degradation after 100 ms", "D2", [busy, mode(200, "normal", "l2_only")]],
    ["departures from normal because of deadlines", "D3", flaps("deadline")],
  ])("of %s", (_what, property, history) => {
    expect(judgedBy(property, trialOf({ history: [...fault, ...history, end] }))).toMatchObject({
      verdict: "violated",
      isMarginal: true,
    });
  });

  it.each<Case>([
    ["a call of Redis that ended 56 ms past its deadline", "K3", [busy, storeCall(141, 222)]],
    ["one that ended late while the thread was free", "K3", [storeCall(141, 181)]],
    ["one while it was busy for too short", "K3", [busy, storeCall(190, 240)]],
    [
      "one while an instance kept the thread for longer",
      "K3",
      [{ ...busy, at: 212, lasted: 70, ran: 70 }, storeCall(141, 215)],
    ],
    ["two of which one was late by more", "K3", [busy, storeCall(141, 350), storeCall(141, 181)]],
    ["one that had not ended", "K3", [busy, storeCall(150, 175), overdue]],
    ["a read that took 101 ms", "D1", [busy, read(141, 242)]],
    ["one that took 60 ms while the thread was free", "D1", [read(141, 201)]],
    ["one that never returned", "D1", [busy, read(830, null), read(141, 200)]],
    ["one that threw", "D1", [read(150, 151, { outcome: "fail", reply: "threw" })]],
    ["a degradation after 101 ms", "D2", [busy, mode(201, "normal", "l2_only")]],
    ["one after 60 ms while the thread was free", "D2", [mode(160, "normal", "l2_only")]],
    ["none within the fault", "D2", [busy]],
    ["a return to normal after the bound", "D3", [away, mode(1_401, "l2_only", "normal")]],
    ["departures from normal for another reason", "D3", flaps("disconnected")],
  ])("but not of %s", (_what, property, history) => {
    const judged = judgedBy(property, trialOf({ history: [...fault, ...history, end] }));
    expect(judged.verdict).toBe("violated");
    expect(judged).not.toHaveProperty("isMarginal");
  });
});
