/** The cause of a delay: the machine, the instance, or not known. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent, Sample, Stall } from "../../src/check/history.ts";
import type { Judgement } from "../../src/check/judgement.ts";
import { Noise } from "../../src/check/timing/noise.ts";
import { Stalls } from "../../src/check/timing/stall.ts";
import {
  call,
  dump,
  entry,
  faultFrom,
  judgedBy,
  mode,
  node,
  phase,
  read,
  registered,
  storeCall,
  trialOf,
  view,
} from "./trials.ts";

/** From `since` on, for `lasted`: of that its thread waited for a processor, and was on one, for so long. */
function spent(since: number, lasted: number, waited: number, ran: number): Stall {
  return { kind: "stall", since, at: since + lasted, lasted, waited, ran };
}
const apart = { kind: "system", at: 0, instance: 0, name: "s", version: "1", claims: [], withheld: {} } as const;

describe("a stall", () => {
  const blame = (late: number, ...history: readonly HistoryEvent[]) => new Stalls(history).blame(late, 100, 300);

  it.each([
    ["waited for a processor", spent(150, 40, 40, 0), "machine"],
    ["was at work", spent(150, 40, 0, 40), "instance"],
    ["did both, and waited long enough", spent(150, 60, 40, 20), "machine"],
    ["did both, and was at work for too long", spent(150, 40, 20, 20), "instance"],
    ["did neither", spent(150, 40, 0, 0), "unclear"],
    ["waited for a part, and did neither for a part", spent(150, 40, 20, 5), "unclear"],
    ["collected garbage", { ...spent(150, 40, 0, 40), collected: 35 }, "unclear"],
    ["collected a little garbage, and was at work", { ...spent(150, 40, 0, 40), collected: 5 }, "instance"],
    ["was at work for the harness", { ...spent(150, 40, 0, 40), ours: 35 }, "unclear"],
    ["was at work for the harness for too short", { ...spent(150, 40, 0, 40), ours: 25 }, "instance"],
    [
      "waited and slept in the harness's work, and was at work for an instance",
      { ...spent(150, 40, 10, 20), ours: 20 },
      "instance",
    ],
    ["collected the garbage of the harness's work", { ...spent(150, 40, 0, 40), collected: 20, ours: 20 }, "instance"],
  ])("in which the thread %s", (_what, stall, cause) => {
    expect(blame(30, stall)).toBe(cause);
  });

  it("in which the machine paused leaves open what the thread did that the kernel says was on a processor", () => {
    const frozen = (since: number, lasted: number): HistoryEvent => ({
      ...{ kind: "frozen", since, at: since + lasted, lasted },
    });
    const ran = spent(150, 40, 0, 40);
    expect(blame(30, ran, frozen(148, 40))).toBe("unclear");
    expect(blame(30, ran, frozen(148, 20))).toBe("instance");
    expect(blame(30, ran, frozen(210, 40))).toBe("instance");
    // No thread was late then.
    expect(blame(30, frozen(148, 40))).toBe("instance");
  });

  it("in which the host kept processors bit by bit leaves open as much as one of them was kept", () => {
    const kept = (processor: number, lasted: number): HistoryEvent => ({
      ...{ kind: "frozen", since: 120, at: 190, lasted, processor },
    });
    const ran = spent(150, 40, 0, 40);
    expect(blame(30, ran, kept(0, 20), kept(0, 20))).toBe("unclear");
    expect(blame(30, ran, kept(0, 20), kept(1, 20))).toBe("instance");
  });

  it("in which it is not known what the thread did is the machine's: there is no other evidence", () => {
    expect(blame(30, { kind: "stall", since: 150, at: 190, lasted: 40 })).toBe("machine");
  });

  it("of the process that runs the load is not an instance's that is a process of its own", () => {
    expect(blame(30, spent(150, 40, 0, 40), apart)).toBe("machine");
  });

  it("of an instance in a process of its own is that instance's", () => {
    const own = { ...spent(150, 40, 40, 0), instance: 1 };
    expect([0, 1].map((instance) => new Stalls([apart, own]).blame(30, 100, 300, instance))).toEqual([
      "instance",
      "machine",
    ]);
    // A thread of it waited for a processor, and another one may have slept for it.
    const { ran: _, ...open } = { ...own, waited: 10 };
    expect(new Stalls([apart, open]).blame(30, 100, 300, 1)).toBe("unclear");
  });

  it("never explains more than it lasted", () => {
    expect(blame(41, spent(150, 40, 90, 0))).toBe("instance");
    expect(blame(0.5)).toBe("instance");
  });
});

describe("a slow answer to the observer", () => {
  const look = { kind: "observer_read", at: 200, took: 60 } as const;

  it("is the machine's, or that of a server, unless an instance had the thread meanwhile", () => {
    expect(new Noise([look]).blame(210, 60)).toBe("machine");
    expect(new Noise([look, spent(140, 55, 0, 55)]).blame(210, 60)).toBe("instance");
    expect(new Noise([look, spent(140, 55, 0, 0)]).blame(210, 60)).toBe("unclear");
    expect(new Noise([look, spent(140, 40, 0, 40)]).blame(210, 60)).toBe("machine");
  });
});

/** The history that each judge is shown: something late by 30 ms or more, and the stall in which it was. */
const late: readonly (readonly [string, (stall: Stall) => Judgement])[] = [
  ["D1", (stall) => judgedBy("D1", trialOf({ history: [...faultFrom(100, 400), read(150, 230), stall] }))],
  [
    "B2",
    (stall) => {
      const select = call({ op: "select_nodes", from: 150, to: 230, reply: "normal" });
      return judgedBy("B2", trialOf({ history: [...faultFrom(100, 400), select, stall] }));
    },
  ],
  ["K3", (stall) => judgedBy("K3", trialOf({ history: [...faultFrom(100, 400), storeCall(150, 210), stall] }))],
  [
    "D2",
    (stall) => judgedBy("D2", trialOf({ history: [...faultFrom(140, 400), mode(220, "normal", "l2_only"), stall] })),
  ],
  [
    "D3",
    (stall) => {
      const [back, end] = [mode(1_260, "l2_only", "normal"), phase("end", 3_000)];
      const moved = { ...stall, since: stall.since + 1_000, at: stall.at + 1_000 };
      return judgedBy(
        "D3",
        trialOf({ history: [...faultFrom(100, 200), mode(120, "normal", "l2_only"), back, moved, end] }),
      );
    },
  ],
  [
    "V4",
    (stall) => {
      const reported = [{ kind: "lost_wake_up", at: 1, instance: 0, version: "e1:1" } as const, phase("end", 1_000)];
      return judgedBy(
        "V4",
        trialOf({ history: [view(0, 0), view(331, 1), ...reported, stall], observations: [entry(1, registered())] }),
      );
    },
  ],
  [
    "V3",
    (stall) => {
      const sample = (at: number, sequence: number): Sample => {
        const nodes = sequence === 1 ? [node(1)] : [];
        return { kind: "sample", at, instance: 0, mode: "normal", views: [{ epoch: "e1", sequence }], nodes };
      };
      const history = [phase("healed", 0), phase("quiet", 0), sample(10, 0), sample(530, 1), stall, phase("end", 540)];
      return judgedBy("V3", trialOf({ history, observations: [dump(1, [[node(1), []]])] }));
    },
  ],
];

describe.each(late)("%s", (property, judged) => {
  it("is unknown where the thread waited for a processor", () => {
    expect(judged(spent(160, 60, 60, 0))).toMatchObject({ verdict: "unknown", violations: [] });
  });

  it("is violated where something blocked the thread: a scheduler that does is not excused by its own stillness", () => {
    expect(judged(spent(160, 60, 0, 60)).verdict).toBe("violated");
  });

  it("is unknown, however small its share, where it is not known what the thread did", () => {
    const { reason, verdict } = judged(spent(160, 60, 0, 0));
    expect(verdict).toBe("unknown");
    // B2 judges the P99: no single selection decides.
    if (property !== "B2") expect(reason).toContain("and so may the scheduler");
  });
});

it("one without a known cause leaves open what a thousand others held", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => read(400 + index, 401 + index));
  const judged = (stall: Stall) =>
    judgedBy("D1", trialOf({ history: [...faultFrom(100, 2_000), ...many, read(150, 210), stall] })).verdict;
  expect(judged(spent(160, 40, 40, 0))).toBe("held");
  expect(judged(spent(160, 40, 0, 0))).toBe("unknown");
});
