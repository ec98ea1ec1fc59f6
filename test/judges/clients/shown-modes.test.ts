/** The mode in an answer is compared with the status, and with what an instance that is cut off from Redis can be in. */
import { describe, expect, it } from "vitest";
import type { Call, FaultStep, HistoryEvent, ReadAnswer } from "../../../src/check/history.ts";
import { call, faultFrom, mode, read } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const selects = (from: number, given: Partial<Call> = {}) =>
  call({ op: "select_nodes", from, to: from + 1, reply: "normal", selected: [], ...given });
const reads = (from: number, given: Partial<ReadAnswer>) => {
  const answer = { found: false, source: "l2", stale: false, age_ms: from, mode: "normal", node: null } as const;
  return read(from, from + 1, { read: { ...answer, ...given }, reply: "missing" });
};

describe("the mode in an answer", () => {
  const away = (until: number) => [mode(100, "normal", "l2_only"), mode(until, "l2_only", "normal")];
  const unclosed = mode(100, "normal", "l2_only");
  const normal = (...times: readonly number[]) => times.map((from) => selects(from));
  const honest = (from: number) => selects(from, { reply: "l2_only" });
  const stale = { stale: true, mode: "l2_only" } as const;
  const modesOf = (...history: readonly HistoryEvent[]): string =>
    judgeAnswers("D5", history)
      .violations.map(([first = ""]) => first)
      .join("; ");

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["for long", [...away(1_000), ...normal(400, 501)]],
    ["for long, in reads", [...away(1_000), reads(400, { stale: true }), reads(501, { stale: true })]],
    ["for long, with other operations between", [...away(1_000), selects(400), reads(450, stale), selects(501)]],
    ["before and after another", [...away(1_000), selects(400), honest(410), selects(420)]],
    ["before and after a read in another", [...away(1_000), selects(400), reads(410, stale), selects(420)]],
    ["until the end", [unclosed, ...normal(400, 501)]],
  ])("is not normal %s, where the status is another before and after", (_, history) => {
    expect(modesOf(...history)).toContain("was answered in normal, allowed the mode of its status");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["that is true", [...away(1_000), honest(400), honest(501)]],
    ["of a stay that the status misses", [...away(1_000), ...normal(400, 410, 490), honest(500)]],
    ["of two stays", [...away(1_000), selects(400), honest(450), selects(700)]],
    ["of a call that began before another ended", [...away(1_000), selects(400), honest(400), selects(420)]],
    ["as it leaves normal", [...away(1_000), ...normal(105, 110, 115)]],
    ["as it comes back", [...away(1_000), ...normal(880, 985)]],
    ["on another instance", [...away(1_000), ...[400, 501].map((from) => selects(from, { instance: 1 }))]],
  ])("may be normal in an answer %s", (_, history) => {
    expect(modesOf(...history)).toBe("");
  });

  it("is not normal while nothing reaches Redis", () => {
    const cut = (given: Partial<FaultStep> = {}) => faultFrom(100, 1_000, { name: "redis_blackhole", ...given });
    const words = "400 ms after it was cut off from Redis, was answered in normal, allowed another mode from 100 ms on";
    expect(modesOf(...cut(), selects(500))).toContain(words);
    expect(modesOf(...cut(), reads(500, { stale: true, age_ms: 500 }))).toContain(words);
    for (const answer of [selects(190), honest(500), selects(1_100), selects(500, { instance: 1 })])
      expect(modesOf(...cut({ instance: 0 }), answer)).toBe("");
    expect(modesOf(...cut({ name: "redis_latency" }), selects(500))).toBe("");
    expect(judgeAnswers("D5", [...cut(), unclosed, honest(500)])).toMatchObject({ verdict: "held", exercised: 2 });
    // A status that says `normal` proves nothing (it is D2's).
    expect(judgeAnswers("D5", [...cut(), honest(500)]).verdict).toBe("not_exercised");
  });
});
