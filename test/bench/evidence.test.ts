import { describe, expect, it } from "vitest";
import { claims } from "../../src/bench/claims.ts";
import { evidenceOf, type Row } from "../../src/bench/evidence.ts";
import { judge, type Round } from "../../src/bench/measure/round.ts";
import { decodeToken } from "../../src/evidence/token.ts";

const machine = { cores: 2, cpu: "Abacus 9000", node: "24.0.0", redis: "7.0.15", platform: "linux-x64" };

function row(id: Row["id"], value: number, more: Partial<Round> = {}): Row {
  const round = { value, best: value, worst: value, exercised: 5, taken: 0.1, ...more };
  return { id, judged: judge(claims[id], [round, round, round]) };
}

const evidence = (rows: readonly Row[]) =>
  evidenceOf({ profile: "full", seed: 7, machine, rows, durationMs: 1_234.5, isCut: false });

describe("the evidence of a bench", () => {
  it("gives each property its figure with the threshold that the checklist looks for", () => {
    const { properties, verdict, violations } = evidence([row("heartbeat", 1.234567), row("selection", 2)]);
    expect(verdict).toBe("held");
    expect(violations).toEqual([]);
    expect(properties).toMatchObject([
      {
        id: "B1",
        verdict: "held",
        exercised: 15,
        figures: [{ name: "heartbeat_ms_p99", value: 1.235, threshold: 5, direction: "at_most" }],
      },
      { id: "B2", figures: [{ name: "selection_ms_p99", value: 2, threshold: 50 }] },
    ]);
  });

  it("gives B1 the rate up to which it was met; missed there alone, it is open", () => {
    const of = (rate: number) =>
      evidence([row("heartbeat", 2), row("heartbeat_rate", rate, { best: Math.max(rate, 2_500) })]).properties[0];
    expect(of(14_000)).toMatchObject({
      id: "B1",
      verdict: "held",
      figures: [{}, { name: "heartbeats_per_s_within_5_ms", value: 14_000, threshold: 2_500, direction: "at_least" }],
    });
    expect(of(0)).toMatchObject({ verdict: "unknown", cause: "machine_load" });
  });

  it("joins the rows of one property: the worst decides", () => {
    const { properties, violations } = evidence([row("cold_start", 100), row("cold_start_many", 9_000)]);
    expect(properties).toMatchObject([{ id: "B3", verdict: "violated", exercised: 30 }]);
    expect(violations).toMatchObject([{ property: "B3", scenario: "bench cold_start_many", layer: "bench" }]);
    expect(violations[0]?.story[0]).toBe("cold_start_many_ms: found 9000, allowed at most 5000");
    expect(decodeToken(violations[0]?.token ?? "")).toMatchObject({ layer: "bench", seed: 7 });
  });

  it("is violated by a row that settles no property too, and says which", () => {
    const { properties, reason, verdict } = evidence([row("heartbeat", 1), row("memory", 400)]);
    expect(verdict).toBe("violated");
    expect(reason).toBe("memory: memory_mb: found 400, allowed at most 250");
    expect(properties).toMatchObject([{ id: "B1", verdict: "held" }]);
  });

  it("has a line a row for machines, with the peer beside the ratio", () => {
    const ratio = row("pairs", 1.5, { ours: 30_000, peers: 20_000 });
    expect(evidence([row("heartbeat", 1.23456), ratio]).json.rows).toEqual([
      {
        ...{
          id: "heartbeat",
          figure: "heartbeat_ms_p99",
          unit: "ms",
          threshold: 5,
          direction: "at_most",
          strict: true,
        },
        ...{ verdict: "held", median: 1.235, min: 1.235, max: 1.235, rounds: 3, exercised: 15, taken_percent: 10 },
      },
      {
        ...{
          id: "pairs",
          figure: "pairs_to_bullmq_ratio",
          unit: "ratio",
          threshold: 1.3,
          direction: "at_least",
          strict: false,
        },
        ...{ verdict: "held", median: 1.5, min: 1.5, max: 1.5, rounds: 3, exercised: 15, taken_percent: 10 },
        ratio: 1.5,
        ours: { median: 30_000, min: 30_000, max: 30_000 },
        peer: { name: "bullmq", median: 20_000, min: 20_000, max: 20_000 },
      },
    ]);
  });

  it("shows no number where none was measured", () => {
    const none: Row = { id: "misses", judged: judge(claims.misses, []) };
    const { json, properties } = evidence([none]);
    expect(json.rows).toMatchObject([{ median: null, min: null, max: null, rounds: 0, verdict: "unknown" }]);
    expect(properties).toMatchObject([{ id: "C2", exercised: 0, figures: [] }]);
  });
});
