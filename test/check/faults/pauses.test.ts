import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { MachinePauses, pauseMeasures } from "../../../src/check/timing/pauses.ts";
import { phase, stall, trialOf } from "../trials.ts";

const end = phase("end", 1_000);

describe("the machine's own lateness", () => {
  it("is counted by moments: a pause of 40 ms makes a wake-up late by 10 ms or more in 30 of them", () => {
    const tail = new Map(new MachinePauses([stall(100, 40), stall(500, 20), end]).tail);
    expect(tail.get(10)).toBeCloseTo((30 + 10) / 1_000);
    expect(tail.get(30)).toBeCloseTo(10 / 1_000);
    expect(tail.get(40)).toBeUndefined();
  });

  it("never grows with the lateness, and is a share", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }), (lengths) => {
        const history: HistoryEvent[] = lengths.map((lasted, index) => stall(index * 500, lasted));
        const { tail } = new MachinePauses([...history, phase("end", lengths.length * 500)]);
        expect(tail.length).toBeLessThanOrEqual(150);
        for (const [index, [late, share]] of tail.entries()) {
          const [before, more] = tail[index - 1] ?? [0, 1];
          expect(late).toBeGreaterThan(before);
          expect(share).toBeLessThanOrEqual(more);
          expect(share).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("that one moment in a hundred exceeds is reported as P99, and the whole as a percentage", () => {
    // 10 of 1,000 moments are the first 10 of the 40 that nothing ran: those wait longer than 30 ms.
    const reported = pauseMeasures(trialOf({ history: [stall(100, 40), end] }));
    expect(reported.map(({ name }) => name)).toEqual([
      "machine_late_ms_p99",
      "machine_late_ms_max",
      "machine_still_percent",
    ]);
    expect(reported[0]?.value).toBeCloseTo(30, 0);
    expect(reported[1]?.value).toBe(40);
    expect(reported[2]?.value).toBeCloseTo(4);
  });

  it("is that of the process that runs the load, not of an instance", () => {
    const history = [{ ...stall(100, 40), instance: 1 }, end];
    expect(new MachinePauses(history).tail).toEqual([]);
    expect(new MachinePauses(history).exceededBy(0.01)).toBe(0);
  });

  it("is nothing in a history that came to no end", () => {
    expect(pauseMeasures(trialOf({ history: [stall(100, 40)] }))).toEqual([]);
    expect(new MachinePauses([stall(100, 40)]).tail).toEqual([]);
  });
});
