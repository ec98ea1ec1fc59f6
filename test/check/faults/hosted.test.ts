/** Verdicts of timing judges on an instance whose own process measured its thread. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent, Stall } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { call, faultFrom, judgedBy, mode, read, storeCall, trialOf } from "../trials.ts";

const hosted = { kind: "hosted", at: -20, instance: 0, life: 1 } as const;
const fault = faultFrom(100, 400);
const end = { kind: "phase", at: 2_900, name: "end" } as const;

/** From 150 on, what the kernel says of the instance's thread. */
function thread(lasted: number, parts: Partial<Stall>): Stall {
  return { kind: "stall", instance: 0, since: 150, at: 152 + lasted, lasted, ...parts };
}

/** The thread of the harness was busy, or waited, all the while: no business of the instance. */
const harness: readonly Stall[] = [
  { kind: "stall", since: 90, at: 300, lasted: 208, ran: 0, waited: 208 },
  { kind: "stall", since: 1_200, at: 1_450, lasted: 248, ran: 0, waited: 248 },
];

type Late = readonly [property: PropertyId, history: readonly HistoryEvent[]];

/** Each later than its bound by about 12 ms, in something that begins at 150 or before and lasts beyond 160. */
const late: readonly Late[] = [
  ["D1", [read(150, 212)]],
  ["B2", [call({ op: "select_nodes", from: 150, to: 212 })]],
  ["D2", [mode(162, "normal", "l2_only")]],
  ["K3", [storeCall(150, 192)]],
  ["D3", [mode(130, "normal", "l2_only"), mode(1_412, "l2_only", "normal")]],
];

describe.each(late)("%s of a hosted instance that is late by 12 ms", (id, history) => {
  // A return to normal is late long after 150.
  const at = id === "D3" ? 1_100 : 150;
  const judged = (...more: readonly HistoryEvent[]) =>
    judgedBy(id, trialOf({ history: [hosted, ...fault, ...harness, ...history, ...more, end] }));
  const did = (parts: Partial<Stall>): Stall => ({ ...thread(40, parts), since: at, at: at + 42 });

  it.each([
    ["while its thread ran, in pieces under 50 ms too", { ran: 40, waited: 1 }],
    ["while its thread slept", { ran: 1, waited: 1 }],
    ["though its thread waited for a processor, but for far less", { ran: 20, waited: 6 }],
  ])("is violated, and not by little, %s", (_what, parts) => {
    const { isMarginal, verdict } = judged(did(parts));
    expect({ isMarginal, verdict }).toEqual({ isMarginal: undefined, verdict: "violated" });
  });

  it("is violated where nothing is known of its thread, whatever the harness's own thread did", () => {
    expect(judged().verdict).toBe("violated");
  });

  it.each([
    ["its thread waited for a processor", { ran: 2, waited: 14 }],
    ["its thread slept while helpers of its own waited for one", { ran: 2, waited: 4, others: 30 }],
    ["its thread paused, and the system does not tell what it did,", {}],
    ["its thread waited for more than it ran, and ran beside others on one core,", { ran: 9, waited: 10 }],
  ])("is open where %s for as long", (_what, parts) => {
    expect(judged(did(parts))).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("is open where its thread overslept its own tick while a server waited for a processor for as long, and not where for less", () => {
    const starved = (waited: number) =>
      ({ kind: "starved", process: "redis-1", since: at, at: at + 42, waited }) as const;
    const overslept = did({ ran: 2, waited: 2 });
    expect(judged(overslept, starved(14)).verdict).toBe("unknown");
    expect(judged(overslept, starved(8)).verdict).toBe("violated");
    // The time for which its thread ran counts against it, whatever waited meanwhile.
    if (id !== "D3") expect(judged(did({ ran: 40, waited: 1 }), starved(40)).verdict).toBe("violated");
  });

  it("is open where a processor is known to have paused for as long, and not where for less", () => {
    const still = (lasted: number) => ({ kind: "frozen", since: at, at: at + 42, lasted }) as const;
    expect(judged(still(14)).verdict).toBe("unknown");
    expect(judged(still(9)).verdict).toBe("violated");
  });
});

describe("K3 of a hosted instance that is late by a few milliseconds beyond the grain of timers", () => {
  const judged = (took: number, parts: Partial<Stall>) => {
    const history = [hosted, ...fault, storeCall(150, 150 + took), thread(took - 2, parts), end];
    const { isMarginal, verdict } = judgedBy("K3", trialOf({ history }));
    return { isMarginal, verdict };
  };

  it("is violated by little while its thread ran, with the collection of garbage or with the host", () => {
    expect(judged(33, { ran: 8, waited: 0 })).toEqual({ isMarginal: true, verdict: "violated" });
    // It is late by 12 ms, and waited for 8 of them.
    expect(judged(42, { ran: 10, waited: 8 })).toEqual({ isMarginal: true, verdict: "violated" });
    expect(judged(42, { ran: 10, waited: 5 })).toEqual({ isMarginal: undefined, verdict: "violated" });
  });

  it("is violated firmly while its thread slept, ran for less than it was late, or was later than that", () => {
    const firm = { isMarginal: undefined, verdict: "violated" };
    expect(judged(33, { ran: 0, waited: 0 })).toEqual(firm);
    expect(judged(33, { ran: 1, waited: 0 })).toEqual(firm);
    expect(judged(36, { ran: 35, waited: 0 })).toEqual(firm);
  });
});

describe("D1 of a hosted instance", () => {
  const judged = (parts: Parameters<typeof read>[2], took = 99) =>
    judgedBy("D1", trialOf({ history: [hosted, ...fault, read(150, 150 + took, parts), end] }));

  it("is violated by a read of 99 ms with the thread busy", () => {
    expect(judged({ ran: 97, waited: 1 })).toMatchObject({ verdict: "violated" });
  });

  it("goes by what was measured around the call", () => {
    expect(judged({ ran: 40, waited: 50 })).toMatchObject({ verdict: "unknown" });
    expect(judged({ ran: 50, waited: 48 })).toMatchObject({ verdict: "violated" });
  });

  it("never absorbs a late read with an unclear cause, among however many", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => read(150 + index / 100, 151 + index / 100));
    const open = { kind: "frozen", since: 150, at: 249, lasted: 60 } as const;
    const history = [hosted, ...fault, ...many, read(150, 249, { ran: 99, waited: 0 }), open, end];
    expect(judgedBy("D1", trialOf({ history }))).toMatchObject({ verdict: "unknown" });
    // A delay that the machine certainly caused is no violation, and the share of such reads is reported.
    const machines = [hosted, ...fault, ...many, read(150, 249, { ran: 30, waited: 60 }), end];
    const held = judgedBy("D1", trialOf({ history: machines }));
    expect(held.verdict).toBe("held");
    expect(held.measures).toContainEqual({ name: "unjudged", value: 1 });
    expect(held.measures).toContainEqual({ name: "unjudged_percent", value: (1 / 5_001) * 100 });
  });
});
