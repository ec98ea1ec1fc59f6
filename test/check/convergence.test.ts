import { describe, expect, it } from "vitest";
import { judgeConvergence } from "../../src/check/convergence.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import type { Dump } from "../../src/check/observation.ts";
import { dump, entry, node, registered, stall, storeCall, trialOf } from "./trials.ts";

const quiet = { kind: "phase", at: 100, name: "quiet" } as const;
const healed = { ...quiet, at: 90, name: "healed" } as const;
const held = [entry(1, registered()), dump(1, [[node(1), []]])];
const sample = (at: number, mode: string, sequence: number) =>
  ({ kind: "sample", at, instance: 0, mode, views: [{ epoch: "e1", sequence }], nodes: [node(1)] }) as const;
const late = (mode: string) => [healed, quiet, sample(110, mode, 0), sample(700, mode, 0)];
const failed = (from: number, to: number, outcome = "deadline") => storeCall(from, to, { outcome });

describe("V3 on a machine that stands still", () => {
  const verdict = (history: readonly HistoryEvent[]) =>
    judgeConvergence(trialOf({ history, observations: held })).verdict;
  const still = stall(300, 40);

  it("is unknown where an instance is degraded, and every call that failed did so in a stall", () => {
    expect(verdict([...late("l2_only"), still, failed(310, 340)])).toBe("unknown");
  });

  it("is unknown as well where it was degraded so when the bound was over, and has been equal since", () => {
    const back = (mode: string) => [
      healed,
      quiet,
      sample(110, mode, 0),
      sample(650, mode, 0),
      sample(900, "normal", 1),
    ];
    const met = [still, failed(310, 340)];
    expect(verdict([...back("l2_only"), ...met])).toBe("unknown");
    expect(verdict([...back("l2_only"), ...met, failed(910, 940)])).toBe("unknown");
    expect(verdict([...back("l2_only"), ...met, failed(500, 530)])).toBe("violated");
    expect(verdict([...back("normal"), ...met])).toBe("violated");
  });

  it("is unknown where the process ran for less than the bound since the end of the load", () => {
    // From 100 to 700 ms, with a bound of 500.
    expect(verdict([...late("normal"), stall(300, 100)])).toBe("unknown");
    expect(verdict([...late("normal"), stall(300, 99)])).toBe("violated");
    expect(verdict([...late("normal"), stall(0, 100)])).toBe("violated");
  });

  it("is unknown where it converged later by no more than the process stood still, and that is not held against the bound", () => {
    const converged = [...late("normal"), sample(710, "normal", 1)];
    const judged = judgeConvergence(trialOf({ history: [...converged, stall(300, 110)], observations: held }));
    expect(judged).toMatchObject({ verdict: "unknown", measures: [{ value: 610 }, { name: "unjudged" }] });
    expect(judged.measures[0]).not.toHaveProperty("threshold");
    expect(verdict([...converged, stall(300, 109)])).toBe("violated");
    expect(verdict(converged)).toBe("violated");
  });

  it.each([
    ["the instance is normal, and behind all the same", [...late("normal"), still, failed(310, 340)]],
    ["a call failed without any", [...late("l2_only"), still, failed(310, 340), failed(500, 530)]],
    ["a call failed otherwise", [...late("l2_only"), still, failed(310, 340, "disconnected")]],
    ["no call failed", [...late("l2_only"), still]],
    ["calls failed only before the end of the load", [...late("l2_only"), stall(20, 40), failed(30, 60)]],
    ["another's calls failed in it", [...late("l2_only"), still, { ...failed(310, 340), instance: 1 }]],
  ])("is violated where %s", (_what, history) => {
    expect(verdict(history)).toBe("violated");
  });
});

describe("V3 over a takeover", () => {
  it("is violated by a view of the epoch that was left, though nobody has begun another", () => {
    const taken: Dump = { ...dump(0, [[node(1), []]]), at: 50, version: null, left: { epoch: "e1", sequence: 1 } };
    const history = [healed, quiet, sample(110, "normal", 1), sample(700, "normal", 1)];
    expect(judgeConvergence(trialOf({ history, observations: held })).verdict).toBe("held");
    expect(judgeConvergence(trialOf({ history, observations: [...held, taken] })).verdict).toBe("violated");
  });
});
