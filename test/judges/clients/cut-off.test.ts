/** While nothing reaches Redis no change is acknowledged. */
import { describe, expect, it } from "vitest";
import type { Call, FaultStep, HistoryEvent } from "../../../src/check/history.ts";
import { call, faultFrom } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const registered = call({
  ...{ op: "register_node", node: "n1", from: 0, to: 1, incarnation: "e1:0", offer, reply: "registered" },
});
const beat = (from: number, given: Partial<Call> = {}) =>
  call({ op: "heartbeat", node: "n1", from, to: from + 1, seq: from, incarnation: "e1:0", reply: "renewed", ...given });
const cut = (given: Partial<FaultStep> = {}) => faultFrom(100, 1_000, { name: "redis_refused", ...given });
const found = (...history: readonly HistoryEvent[]): string =>
  judgeAnswers("D4", [registered, ...history])
    .violations.map(([first = ""]) => first)
    .join("; ");

describe("an instance that is cut off from Redis", () => {
  it.each<readonly [Call["op"], string]>([
    ["heartbeat", "renewed"],
    ["register_node", "registered"],
    ["offline_node", "offline"],
    ["reserve_job", "reserved"],
    ["dispatch", "reserved"],
  ])("acknowledges no %s as %s", (op, reply) => {
    const answer = `${op} of node n1 on instance 0, 400 ms after it was cut off from Redis, was answered ${reply}`;
    expect(found(...cut(), beat(500, { op, reply, job: "j1" }))).toContain(answer);
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["before", [...cut(), beat(50)]],
    ["that was made before", [...cut(), beat(99, { to: 110 })]],
    ["after", [...cut(), beat(1_100)]],
    ["that comes as the fault ends", [...cut(), beat(990, { to: 1_010 })]],
    ["that says that nothing changed", [...cut(), beat(500, { reply: "already" })]],
    ["that is an error", [...cut(), beat(500, { outcome: "fail" })]],
    ["without an outcome", [...cut(), beat(500, { outcome: "info", reply: "deadline" })]],
    ["of another instance", [...cut({ instance: 1 }), beat(500)]],
    ["of one whose feed alone is cut off", [...cut({ link: "feed", cuts_off: false }), beat(500)]],
    ["under a fault that lets answers through", [...cut({ name: "redis_latency" }), beat(500)]],
  ])("may give an answer %s", (_, history) => {
    expect(found(...history)).toBe("");
  });
});
