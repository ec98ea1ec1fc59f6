/** An answer about itself, its source, is compared with what its instance can have done. */
import { describe, expect, it } from "vitest";
import type { Call, FaultStep, HistoryEvent, ReadAnswer } from "../../../src/check/history.ts";
import { call, faultFrom, node, read } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const registers = (from: number, given: Partial<Call> = {}): Call =>
  call({
    op: "register_node",
    node: "n1",
    from,
    to: from + 1,
    ...{ incarnation: "e1:0", offer, reply: "registered" },
    ...given,
  });
const found = (property: "D5" | "V2", ...history: readonly HistoryEvent[]): string =>
  judgeAnswers(property, [registers(0), ...history])
    .violations.map(([first = ""]) => first)
    .join("; ");

describe("the source of an answer", () => {
  const cut = (given: Partial<FaultStep> = {}) => faultFrom(100, 1_000, { name: "redis_refused", ...given });
  const fromRedis = (from: number, given: Partial<ReadAnswer> = {}, to = from + 1) => {
    const shown = node(1, { ...offer, incarnation: "e1:0" });
    const answer = { found: true, source: "redis", stale: true, age_ms: from, mode: "l2_only", node: shown } as const;
    return read(from, to, { read: { ...answer, ...given } });
  };

  it("is not Redis while its instance is cut off from it", () => {
    expect(found("D5", ...cut(), fromRedis(500))).toContain("with source redis, allowed what it holds itself");
    expect(found("V2", ...cut(), fromRedis(500))).toBe("");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["before", [...cut(), fromRedis(50)]],
    ["as the fault begins", [...cut(), fromRedis(101)]],
    ["after", [...cut(), fromRedis(1_100)]],
    ["as the fault ends", [...cut(), fromRedis(990, {}, 1_010)]],
    ["from a cache", [...cut(), fromRedis(500, { source: "l2" })]],
    ["of another instance", [...cut({ instance: 1 }), fromRedis(500)]],
    ["of one that only its feed is cut off from", [...cut({ link: "feed", cuts_off: false }), fromRedis(500)]],
    ["under a fault that lets answers through", [...cut({ name: "redis_latency" }), fromRedis(500)]],
    ["that was never answered", [...cut(), { ...fromRedis(500), to: null, outcome: "info" }]],
  ])("may be it in an answer %s", (_, history) => {
    expect(found("D5", ...history)).toBe("");
  });
});
