import { describe, expect, it } from "vitest";
import type { Trial } from "../../src/check/judgement.ts";
import { seriesOf } from "../../src/inject/series.ts";
import { phase, read, stall, starved, trialOf } from "../check/trials.ts";

const stalls = (history: Trial["history"]) =>
  seriesOf("s", trialOf({ history })).find(({ kind }) => kind === "stall_ms");

describe("the series of the machine's stalls", () => {
  it("has waits for a processor of harness and servers, from their beginning on, and no work of the harness", () => {
    const own = { ...stall(100, 40), waited: 30 };
    const busy = stall(300, 50);
    const history = [
      read(0, 1),
      own,
      busy,
      starved("redis-0", 500, 7),
      starved("redis-0", 700, 0.5),
      phase("end", 1_000),
    ];
    const found = stalls(history);
    expect(found?.points.map(([, lasted]) => lasted)).toEqual([30, 7]);
    expect(found?.points[0]?.[0]).toBeCloseTo(own.at - 30, 1);
  });

  it("keeps the longest of many", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => starved("redis-0", index, index === 3_107 ? 90 : 1));
    const found = stalls([read(0, 1), ...many, phase("end", 5_100)]);
    expect(found?.points.length).toBeLessThanOrEqual(1_001);
    expect(Math.max(...(found?.points ?? []).map(([, lasted]) => lasted))).toBe(90);
  });

  it("is there without points where nothing stalled, which is not the same as no record", () => {
    expect(stalls([read(0, 1), phase("end", 1_000)])?.points).toEqual([]);
  });
});
