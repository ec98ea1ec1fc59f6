/** A fault counts for the time for which it was in force, and not at all where that is not what was declared. */
import { describe, expect, it } from "vitest";
import { faultWindows, lackingFaults } from "../../../src/check/faults/windows.ts";
import type { HistoryEvent, InForce } from "../../../src/check/history.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { faultFrom, mode, phase, read, storeCall, trialOf } from "../trials.ts";

/** From 1,000 ms on for a second, in the declaration. */
const declared = { due: 1_000, lasts: 1_000 } as const;

/** In force from `from` to `to`, and healed at `healed`, by what the world answered. */
function reported(from: number, to: number, healed = to): readonly HistoryEvent[] {
  const [inject, heal] = faultFrom(from, to);
  return [
    { ...inject, ...declared },
    { ...heal, done: healed },
  ] as readonly HistoryEvent[];
}

function seen(parts: Partial<InForce>): InForce {
  const place = { fault: 0, name: "redis_latency", instance: 0, link: "commands" } as const;
  return { kind: "in_force", at: 2_000, ...place, from: 1_000, to: 2_000, met: 50, seen_by: "probe", ...parts };
}

const windowOf = (history: readonly HistoryEvent[]) => faultWindows(history, 1)[0];

describe("a fault is what is declared", () => {
  it.each<[why: string, history: readonly HistoryEvent[]]>([
    ["as long as declared", reported(1_000, 2_000)],
    ["a little late and a little short of it", reported(1_040, 1_950)],
    ["later by what a busy machine makes of it", reported(1_200, 2_200, 2_300)],
    ["longer, since it had met no call before", reported(1_000, 2_900)],
    ["seen for as long as declared", [...reported(1_000, 2_000), seen({ from: 1_020, to: 1_980, healed: 2_010 })]],
    [
      "and healed when another had healed that followed it",
      [
        ...[...reported(1_000, 2_000), seen({ healed: 3_010 })],
        ...faultFrom(1_990, 3_000, { fault: 1, name: "redis_refused", link: "feed" }),
      ],
    ],
    [
      "and was seen before another had healed",
      [
        ...[...reported(1_000, 2_000), seen({ from: 900 })],
        ...faultFrom(500, 990, { fault: 1, name: "redis_refused", link: "feed" }),
      ],
    ],
    ["without a declared end", faultFrom(1_000, 1_010)],
    ["of no length, and met", [...faultFrom(1_000, 1_000), seen({ to: 1_000, met: 1, seen_by: "hop" })]],
  ])("where it was in force %s", (_why, history) => {
    expect(windowOf(history)?.lack).toBeNull();
    expect(lackingFaults({ history, instances: 1 })).toEqual([]);
  });

  it.each<[why: string, history: readonly HistoryEvent[], reason: RegExp]>([
    [
      "for 2 % of its time",
      reported(1_000, 1_020),
      /in force for 20 ms, from 1000 ms to 1020 ms; declared are 1000 ms from/,
    ],
    ["for a fifth less", reported(1_000, 1_800), /in force for 800 ms/],
    ["much later", reported(1_800, 2_800), /began at 1800 ms/],
    ["before its time", reported(700, 2_000), /began at 700 ms/],
    [
      "at the wire before it was asked for",
      [...reported(1_000, 2_000), seen({ from: 800 })],
      /seen at 800 ms already, and was asked for at 1000 ms/,
    ],
    ["and met nothing", [...reported(1_000, 2_000), seen({ met: 0 })], /nothing of/],
    [
      "at the wire for a second more, though another came then",
      [...reported(1_000, 2_000), seen({ healed: 3_500 }), ...faultFrom(3_400, 3_600, { fault: 1 })],
      /healed 1500 ms after/,
    ],
    ["for 5 s more, since its removal took that long", reported(1_000, 2_000, 7_000), /healed 5000 ms after/],
    [
      "by what was answered, and never at the wire",
      [...reported(1_000, 2_000), seen({ from: null, to: null })],
      /nothing of/,
    ],
    ["at the wire for 15 ms", [...reported(1_000, 2_000), seen({ to: 1_015 })], /in force for 15 ms/],
    ["at the wire only from its middle on", [...reported(1_000, 2_000), seen({ from: 1_500 })], /in force for 500 ms/],
    [
      "at the wire for seconds more, though another had been in force before",
      [...reported(1_000, 2_000), seen({ healed: 4_000 }), ...faultFrom(100, 500, { fault: 1 })],
      /healed 2000 ms after/,
    ],
    ["at the wire for seconds more", [...reported(1_000, 2_000), seen({ healed: 4_000 })], /healed 2000 ms after/],
    ["and was not seen to have healed", [...reported(1_000, 2_000), seen({ healed: null })], /not seen to have healed/],
    ["for no time at all", faultFrom(1_000, 1_000), /undone in the moment/],
  ])("but not where it was in force %s", (_why, history, reason) => {
    expect(windowOf(history)?.lack).toMatch(reason);
    expect(lackingFaults({ history, instances: 1 })).toEqual([expect.stringMatching(/^redis_latency \(faults\[0\]\)/)]);
  });

  it("lasts for judges as long as it was seen, and until it was seen to have healed", () => {
    const short = windowOf([...reported(1_000, 2_000), seen({ to: 1_015, healed: null })]);
    expect(short).toMatchObject({ from: 1_000, to: 1_015, healed: Number.POSITIVE_INFINITY });
    expect(windowOf([...reported(1_000, 2_000), seen({ from: null, to: null })])).toMatchObject({
      from: 1_000,
      to: 1_000,
    });
  });
});

describe("judges of what happens during faults", () => {
  /** Degraded 12 ms after the fault and back 100 ms after its end, with reads and calls to Redis all the time. */
  const met = (to: number): readonly HistoryEvent[] => [
    ...Array.from({ length: 300 }, (_, index) => read(index * 10, index * 10 + 1)),
    ...Array.from({ length: 300 }, (_, index) => storeCall(index * 10, index * 10 + 1)),
    ...Array.from({ length: 300 }, (_, index) => read(index * 10 + 2, index * 10 + 3, { op: "select_nodes" })),
    mode(1_012, "normal", "l2_only"),
    mode(to + 100, "l2_only", "normal"),
    phase("end", 3_000),
  ];
  const judged = (property: "D1" | "D2" | "D3" | "K3" | "B2", history: readonly HistoryEvent[]) =>
    judge(property, trialOf({ history }));

  it.each(["D1", "D2", "D3", "K3", "B2"] as const)("%s counts a fault that was in force as declared", (property) => {
    const { exercised, verdict } = judged(property, [...met(2_000), ...reported(1_000, 2_000)]);
    expect(verdict).toBe("held");
    expect(exercised).toBeGreaterThan(0);
  });

  it.each(["D1", "D2", "D3", "K3", "B2"] as const)("%s does not count one that was not", (property) => {
    for (const history of [
      [...met(1_070), ...reported(1_000, 1_070)],
      [...met(2_000), ...reported(1_000, 2_000), seen({ from: null, to: null })],
      [...met(1_120), ...reported(1_000, 2_000), seen({ to: 1_120 })],
    ])
      expect(judged(property, history)).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });

  it.each(["D1", "K3"] as const)("%s counts what met another fault, and not what met that one", (property) => {
    const other = faultFrom(2_500, 2_600, { fault: 1, name: "redis_pause" });
    const few = judged(property, [...met(1_070), ...reported(1_000, 1_070), ...other]);
    expect(few).toMatchObject({ verdict: "held" });
    expect(few.exercised).toBeLessThan(25);
  });

  it("D1 and K3 are violated during such a fault too", () => {
    const late = [...reported(1_000, 1_015), read(1_001, 1_201), storeCall(1_001, 1_201)];
    expect(judged("D1", [...met(1_015), ...late]).verdict).toBe("violated");
    expect(judged("K3", [...met(1_015), ...late]).verdict).toBe("violated");
  });

  it("D2 asks no instance to degrade for a fault that no call can have met", () => {
    const lied = [...met(2_000).filter(({ kind }) => kind !== "mode"), ...reported(1_000, 2_000)];
    expect(judged("D2", lied).verdict).toBe("violated");
    expect(judged("D2", [...lied, seen({ from: null, to: null })]).verdict).toBe("not_exercised");
  });
});
