import { describe, expect, it } from "vitest";
import { scenario } from "../../scenarios/declare.ts";
import { ms, seconds } from "../../scenarios/units.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import { evidenceOf } from "../../src/inject/evidence.ts";
import { judgePair } from "../../src/inject/pair.ts";
import { faultFrom, mode, read, trialOf } from "../check/trials.ts";

const declared = scenario({
  name: "slow-for-a-while",
  why: "A scenario that is only there to be judged by hand.",
  topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
  load: [{ kind: "read", every: ms(10) }],
  faults: [{ kind: "redis_latency", at: ms(100), lasts: ms(300), adds: ms(200) }],
  always: ["D1"],
  sometimes: ["degraded"],
  duration: seconds(1),
});

const end = { kind: "phase", at: 1_000, name: "end" } as const;
const calm: readonly HistoryEvent[] = [read(10, 11), end];
const met: readonly HistoryEvent[] = [...faultFrom(100, 400), mode(130, "normal", "l2_only"), read(150, 160), end];

function pairOf(fault: readonly HistoryEvent[], control: readonly HistoryEvent[]) {
  return { fault: trialOf({ history: fault }), control: trialOf({ history: control, side: "control" }) };
}

describe("a pair", () => {
  it("is held when the faulty side is and what had to be seen was", () => {
    expect(judgePair(declared, pairOf(met, calm))).toMatchObject({ verdict: "held", reasons: [] });
  });

  it("is violated by the faulty side", () => {
    const judged = judgePair(declared, pairOf([...met, read(200, 300)], calm));
    expect(judged.verdict).toBe("violated");
    expect(judged.properties[0]).not.toHaveProperty("reason");
  });

  it("is violated by the control, and says that the fault has no part in it", () => {
    const judged = judgePair(declared, pairOf(met, [...calm, read(200, 300)]));
    expect(judged.properties[0]).toMatchObject({ verdict: "violated", reason: "fails without the fault too" });
  });

  it("of a scenario without faults is one run: nothing in it fails without the fault too", () => {
    const only = trialOf({ history: [...met, read(200, 300)], side: "control" });
    const pair = { fault: only, control: only };
    const judged = judgePair({ ...declared, faults: [] }, pair);
    expect(judged).toMatchObject({ verdict: "violated", properties: [{ control: null }] });
    expect(judged.properties[0]).not.toHaveProperty("reason");
    const evidence = evidenceOf({ scenario: declared, pair, judged, token: "t", durationMs: 1, files: [] });
    expect(evidence.runs).toBe(1);
    expect(evidence.violations).toHaveLength(1);
    expect(new Set(evidence.properties[0]?.figures.map(({ of }) => of))).toEqual(new Set(["slow-for-a-while"]));
  });

  it.each([
    ["what had to be seen was not", met.filter(({ kind }) => kind !== "mode"), "never seen: degraded"],
    [
      "the fault was never injected",
      met.filter(({ kind }) => kind !== "fault"),
      "never took effect: redis_latency (faults[0])",
    ],
    [
      "the fault met nobody",
      [...met.filter(({ kind }) => kind !== "call"), read(500, 501)],
      "no call was under way during",
    ],
  ])("proves nothing when %s", (_why, history, reason) => {
    const judged = judgePair(declared, pairOf(history, calm));
    expect(judged.verdict).toBe("not_exercised");
    expect(judged.reasons.join()).toContain(reason);
  });
});

describe("evidence", () => {
  const pair = pairOf(
    [...met, read(200, 300), ...Array.from({ length: 5_000 }, (_, at) => read(at / 5, at / 5 + 1))],
    calm,
  );
  const judged = judgePair(declared, pair);
  const evidence = evidenceOf({ scenario: declared, pair, judged, token: "t", durationMs: 12.3, files: ["f.jsonl"] });

  it("tells violations with their story, token and files", () => {
    expect(evidence.violations).toMatchObject([
      { property: "D1", scenario: "slow-for-a-while", layer: "inject", token: "t", files: ["f.jsonl"] },
    ]);
    expect(evidence.violations[0]?.story[0]).toContain("took 100 ms");
  });

  it("keeps pictures small and peaks in them", () => {
    const latency = evidence.series.find(({ kind, side }) => kind === "latency_ms" && side === "fault");
    expect(latency?.points.length).toBeLessThanOrEqual(2_001);
    expect(Math.max(...(latency?.points.map(([, value]) => value) ?? []))).toBe(100);
  });

  it("draws the mode of every instance from the start to the end", () => {
    const modes = evidence.series.find(({ kind, side }) => kind === "mode" && side === "fault");
    expect(modes?.points).toEqual([
      [0, 0],
      [130, 1],
      [1_000, 1],
    ]);
  });

  it("gives figures of both sides with their threshold, and the fault's window", () => {
    const figures = evidence.properties[0]?.figures.filter(({ name }) => name === "read_latency_ms_p99");
    expect(figures?.map(({ of, threshold }) => [of, threshold])).toEqual([
      ["slow-for-a-while, fault", 50],
      ["slow-for-a-while, control", 50],
    ]);
    expect(evidence.faults).toEqual([
      { scenario: "slow-for-a-while", kind: "redis_latency", from_ms: 100, to_ms: 400 },
    ]);
  });
});
