import { describe, expect, it } from "vitest";
import { judgeExpirySpread } from "../../src/check/expiry-spread.ts";
import { entry, gone, mode, node, read, registered, seenAt, stall, storeCall, trialOf } from "./trials.ts";

/** 200 nodes that register within 100 ms, and expire as `due` says; as many answers cached within 50 ms, and refreshed. */
const count = 200;
const each = Array.from({ length: count }, (_, index) => index);
const even = (index: number) => 1_600 + (index * 800) / count;
const atOnce = () => 2_000;

function observed(due: (index: number) => number, registeredWithin = 100) {
  return [
    ...each.map((index) => seenAt((index * registeredWithin) / count, entry(index + 1, registered(`n${index}`)))),
    ...each.map((index) => seenAt(due(index), entry(count + index + 1, gone("expired", `n${index}`)))),
  ];
}

const shown = { found: true, source: "l2", stale: false, age_ms: 0, mode: "normal", node: node(1) };
const cached = each.map((index) => read(index / 4, index / 4 + 1, { node: `n${index}`, read: shown }));
const refreshed = (due: (index: number) => number) => each.map((index) => storeCall(due(index), due(index) + 1));
const evenly = (index: number) => 801 + (index * 440) / count;

describe("C1", () => {
  it("holds when what was written at once comes due over the time that jitter gives it", () => {
    const judged = judgeExpirySpread(
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even) }),
    );
    expect(judged).toMatchObject({ verdict: "held", exercised: 400 });
    for (const { value } of judged.measures) expect(value).toBeLessThan(1.3);
  });

  it("is violated when all expire at once", () => {
    const judged = judgeExpirySpread(
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(atOnce) }),
    );
    expect(judged.violations[0]?.[0]).toBe(
      "200 of 200 nodes expired within 112.4 ms, 8.0 times the mean, allowed 2 times",
    );
  });

  it("is violated when all are refreshed at once", () => {
    const history = [...cached, ...refreshed(() => 1_000)];
    expect(judgeExpirySpread(trialOf({ history, observations: observed(even) })).verdict).toBe("violated");
  });

  it("is unknown when the machine or a degraded instance had held the work up", () => {
    const calm = [...cached, ...refreshed(evenly)];
    for (const disturbance of [stall(1_900, 100), mode(1_900, "normal", "l2_only")]) {
      const judged = judgeExpirySpread(trialOf({ history: [...calm, disturbance], observations: observed(atOnce) }));
      expect(judged.verdict).toBe("unknown");
    }
  });

  it("is not excused by a stall at another time", () => {
    const history = [...cached, ...refreshed(evenly), stall(2_200, 100)];
    expect(judgeExpirySpread(trialOf({ history, observations: observed(atOnce) })).verdict).toBe("violated");
  });

  it.each([
    [
      "little was written",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even).slice(0, 99) }),
    ],
    [
      "it was not written at once",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even, 900) }),
    ],
    ["nothing was cached", trialOf({ observations: observed(even) })],
  ])("is not exercised where %s", (_what, trial) => {
    expect(judgeExpirySpread(trial).verdict).toBe("not_exercised");
  });
});
