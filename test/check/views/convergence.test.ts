import { describe, expect, it } from "vitest";
import { judgeConvergence } from "../../../src/check/convergence.ts";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Dump } from "../../../src/check/observed/observation.ts";
import { dump, entry, gone, node, registered, seenAt, stall, storeCall, trialOf } from "../trials.ts";

const quiet = { kind: "phase", at: 100, name: "quiet" } as const;
const healed = { ...quiet, at: 90, name: "healed" } as const;
const held = [entry(1, registered()), dump(1, [[node(1), []]])];
const sample = (at: number, mode: string, sequence: number) =>
  ({ kind: "sample", at, instance: 0, mode, views: [{ epoch: "e1", sequence }], nodes: [node(1)] }) as const;
const late = (mode: string) => [healed, quiet, sample(110, mode, 0), sample(700, mode, 0)];
const expired = (sequence: number) => node(sequence, { status: "expired" });
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
    expect(judged).toMatchObject({
      verdict: "unknown",
      measures: [{ value: 610 }, { name: "unjudged" }, { name: "unjudged_percent", value: 100 }],
    });
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

describe("V3 where the store changes after the load has ended", () => {
  // With a bound of 500 ms; a node expires at 700.
  const changed = [...held, seenAt(700, entry(2, gone("expired"))), seenAt(701, dump(2, [[expired(2), []]]))];
  const behind = (at: number) => sample(at, "normal", 1);
  const equal = (at: number) => ({ ...sample(at, "normal", 2), nodes: [expired(2)] });
  const judged = (...samples: readonly HistoryEvent[]) =>
    judgeConvergence(trialOf({ history: [healed, quiet, ...samples], observations: changed }));

  it("holds where an instance that was equal takes the change in within the bound", () => {
    expect(judged(behind(110), behind(650), behind(705), equal(760))).toMatchObject({
      verdict: "held",
      measures: [{ name: "time_to_convergence_ms_max", value: 60, threshold: 500 }],
    });
  });

  it("is violated where it does not", () => {
    const story = (found: string) => [
      `the view of instance 0 ${found} its change at 700 ms, when all else was at rest, allowed 500 ms`,
      expect.stringContaining("last looked at 1210 ms, mode normal: "),
    ];
    expect(judged(behind(110), behind(1_190), equal(1_210)).violations).toEqual([
      story("equalled the store 510 ms after"),
    ]);
    expect(judged(behind(110), behind(1_210)).violations).toEqual([story("never equalled the store after")]);
  });

  it("gives no time to an instance that had not converged by then", () => {
    const astray = (at: number) => sample(at, "normal", 0);
    expect(judged(astray(110), astray(650), equal(710)).violations[0]?.[0]).toBe(
      "the view of instance 0 equalled the store 610 ms after healing and the end of the load, allowed 500 ms",
    );
  });

  it("is unknown where the run ends before the time for it is over, but not where another content is shown for that version", () => {
    expect(judged(behind(110), behind(705)).verdict).toBe("unknown");
    const { violations } = judged(behind(110), { ...equal(705), nodes: [node(2)] });
    expect(violations[0]?.[1]).toMatch(/partition 0: node n1: status/);
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
