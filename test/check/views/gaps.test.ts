import { describe, expect, it } from "vitest";
import { judgeGaps } from "../../../src/check/gaps.ts";
import type { FaultStep } from "../../../src/check/history.ts";
import { entry, faultFrom, job, mode, registered, seenAt, stall, trialOf, view } from "../trials.ts";

const deaf = (name = "redis_blackhole", parts: Partial<FaultStep> = {}) =>
  faultFrom(100, 900, { name, link: "feed", cuts_off: false, ...parts });
const end = { kind: "phase", at: 2_000, name: "end" } as const;
const observations = [seenAt(10, entry(1, registered())), seenAt(400, entry(2, job("reserved", "a", 1)))];

function judged(...history: Parameters<typeof trialOf>[0]["history"] & object) {
  return judgeGaps(trialOf({ history: [...history, end], observations }));
}

describe("V4", () => {
  it.each(["redis_blackhole", "redis_refused"])(
    "holds when a change missed under %s is there within the bound",
    (name) => {
      expect(judged(...deaf(name), view(0, 0), view(20, 1), view(700, 2))).toMatchObject({
        verdict: "held",
        exercised: 1,
      });
    },
  );

  it("is violated when it is there later", () => {
    const { verdict, violations } = judged(...deaf(), view(0, 0), view(20, 1), view(701, 2));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe("instance 0 was without change 2 of partition 0 for 301 ms, allowed 300 ms");
  });

  it("is violated when it never is", () => {
    expect(judged(...deaf(), view(20, 1)).verdict).toBe("violated");
  });

  it("is unknown when the process stood still for the time that was too much", () => {
    expect(judged(...deaf(), view(20, 1), stall(450, 50), view(740, 2)).verdict).toBe("unknown");
  });

  it("counts from the return to normal, where the instance was degraded meanwhile", () => {
    const away = [mode(150, "normal", "l2_only"), mode(1_200, "l2_only", "normal")];
    const cut = [...deaf(), ...faultFrom(100, 900, { name: "redis_blackhole" })];
    expect(judged(...cut, ...away, view(20, 1), view(1_500, 2)).verdict).toBe("held");
    expect(judged(...cut, ...away, view(20, 1), view(1_501, 2)).verdict).toBe("violated");
  });

  it("takes a later epoch for all of an earlier one", () => {
    const next = [...observations, seenAt(500, entry(1, registered("n1", "e2:1"), "e2"))];
    const history = [...deaf(), end, view(20, 1), view(510, 1, 0, "e2")];
    expect(judgeGaps(trialOf({ history, observations: next })).verdict).toBe("held");
  });

  it("is not exercised where nothing was missed: by no fault, by one of commands alone, by slow wake-ups", () => {
    const faults = [[], faultFrom(100, 900, { name: "redis_blackhole" }), deaf("redis_latency")];
    for (const fault of faults) expect(judged(...fault, view(20, 1), view(410, 2)).verdict).toBe("not_exercised");
  });
});
