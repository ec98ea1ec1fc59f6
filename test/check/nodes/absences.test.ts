import { describe, expect, it } from "vitest";
import { Absences } from "../../../src/check/faults/absences.ts";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { call, faultFrom, judgedBy, read, stall, trialOf } from "../trials.ts";

/** Instance 0 is stopped from 100 to 400; Redis is slow for it from 500 to 900. */
const paused = faultFrom(100, 400, { name: "instance_pause", link: "process", cuts_off: false });
const slow = faultFrom(500, 900, { fault: 1 });
const end = { kind: "phase", at: 1_000, name: "end" } as const;

function ready(parts: { claims?: readonly string[]; withheld?: Record<string, string> } = {}): HistoryEvent {
  const { claims = ["D1", "B2"], withheld = {} } = parts;
  return { kind: "system", at: -5, instance: 0, name: "other", version: "1", claims, withheld };
}

describe("the absences of an instance", () => {
  const absences = new Absences([...paused, ...slow], 2);

  it("are the times at which it was itself away, its own alone", () => {
    expect(absences.touch(0, 50, 110)).toBe(true);
    expect(absences.touch(0, 390, 500)).toBe(true);
    expect(absences.touch(0, 500, 600)).toBe(false);
    expect(absences.touch(1, 50, 500)).toBe(false);
  });

  it("tell since when it is there, and when it is there again", () => {
    expect(absences.presentSince(0, 450)).toBe(400);
    expect(absences.presentSince(0, 350)).toBe(Number.NEGATIVE_INFINITY);
    expect(absences.firstPresent(0, 200)).toBe(400);
    expect(absences.firstPresent(0, 450)).toBe(450);
  });
});

describe("D1 and B2 with instances in processes of their own", () => {
  const select = (from: number, to: number) => call({ op: "select_nodes", from, to, reply: "normal" });
  const history = [ready(), ...paused, ...slow, end];

  it("leave out what was asked of an instance that paused", () => {
    const asked = [read(150, 402), read(600, 610), select(150, 402), select(600, 610)];
    expect(judgedBy("D1", trialOf({ history: [...history, ...asked] }))).toMatchObject({
      verdict: "held",
      exercised: 2,
    });
    const judged = judgedBy("B2", trialOf({ history: [...history, ...asked] }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("do not leave out what was asked of another, or at another time", () => {
    const late = [read(150, 402, { instance: 1 }), read(600, 700)];
    for (const each of late) {
      expect(judgedBy("D1", trialOf({ history: [...history, each], instances: 2 })).verdict).toBe("violated");
    }
    expect(judgedBy("D1", trialOf({ history: [...history, read(150, null)] })).verdict).toBe("not_exercised");
  });

  it("blame the machine for the time that the instance's process waited for a processor, and no other process", () => {
    const own = { ...stall(600, 60), instance: 0 };
    const other = { ...stall(600, 60), instance: 1 };
    expect(judgedBy("D1", trialOf({ history: [...history, read(600, 670), own] })).verdict).toBe("unknown");
    expect(judgedBy("D1", trialOf({ history: [...history, read(600, 670), other] })).verdict).toBe("violated");
  });

  it("blame an instance for what it made late itself, however busy the machine", () => {
    const noise = Array.from({ length: 10 }, (_, index) => stall(100 * index, 8));
    expect(judgedBy("D1", trialOf({ history: [...history, ...noise, read(600, 700)] })).verdict).toBe("violated");
    expect(judgedBy("B2", trialOf({ history: [...history, ...noise, select(600, 700)] })).verdict).toBe("violated");
    expect(judgedBy("D1", trialOf({ history: [...history, ...noise, read(600, 655)] })).verdict).toBe("unknown");
  });

  it("show what the pipe costs beside it", () => {
    const pipe = { kind: "pipe", at: 10, instance: 0, took: 3 } as const;
    const { measures } = judgedBy("D1", trialOf({ history: [...history, read(600, 610), pipe] }));
    expect(measures).toContainEqual({ name: "pipe_ms_p50", value: 3 });
  });
});

describe("what a system does not tell", () => {
  it("is not judged, and named", () => {
    const history = [ready({ withheld: { K3: "it cannot be seen" } })];
    expect(judge("K3", trialOf({ history }))).toMatchObject({ verdict: "not_exercised", reason: "it cannot be seen" });
  });

  it("nor is what it does not claim, though it would be violated", () => {
    const history = [ready({ claims: ["J1"] }), ...slow, end, read(600, 700)];
    expect(judge("D1", trialOf({ history }))).toMatchObject({
      verdict: "not_exercised",
      reason: "other does not claim it",
      violations: [],
    });
    expect(judge("D1", trialOf({ history: [ready(), ...slow, end, read(600, 700)] })).verdict).toBe("violated");
  });
});
