/** Heartbeats that a scheduler has to take, by what clients know of their node. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, trialOf } from "../../check/trials.ts";

const offer = { max_jobs: 1, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const lost = { outcome: "info", reply: "deadline" } as const;

const registers = (from: number, given: Partial<Call> = {}) =>
  call({
    ...{ node: "n1", op: "register_node", from, to: from + 1, incarnation: `e1:${from}`, offer, reply: "registered" },
    ...given,
  });
const beats = (from: number, seq: number, incarnation = "e1:0", reply = "renewed") =>
  call({ node: "n1", op: "heartbeat", from, to: from + 1, seq, incarnation, reply, running: [] });

function found(property: PropertyId, history: readonly HistoryEvent[], instances = 1): string {
  const make = clientJudges[property];
  if (make === undefined) throw new RangeError(`no judge of ${property}`);
  const { violations } = judgeRecorded(make, trialOf({ history, instances }));
  return violations.map(([first = ""]) => first).join("; ");
}

describe("a node that sends heartbeats", () => {
  it("has its newest heartbeats renewed, of whatever number", () => {
    const stale = beats(20, 10, "e1:0", "stale");
    expect(found("N1", [registers(0), beats(10, 9), stale])).toContain("none with a higher number had been sent");
    expect(found("N1", [registers(0), beats(10, 11), stale])).toBe("");
    // Another one in flight may be newer, and so may one without an answer.
    expect(found("N1", [registers(0), { ...stale, to: 30 }, beats(25, 11)])).toBe("");
    expect(found("N1", [registers(0), beats(10, 11, "e1:0", "deadline"), stale])).toBe("");
  });

  it("is superseded by another incarnation alone", () => {
    const superseded = beats(30, 2, "e1:0", "superseded");
    expect(found("N1", [registers(0), beats(10, 1), superseded])).toContain("no other had been registered since");
    expect(found("N1", [registers(0), registers(20), superseded])).toBe("");
    expect(found("N1", [registers(0), registers(20, { ...lost, to: null }), superseded])).toBe("");
    const restart = faultFrom(15, 16, { name: "redis_restart", instance: null, link: "server" });
    expect(found("N1", [registers(0), ...restart, superseded])).toBe("");
  });

  it("outlives an outage during which it went on sending heartbeats", () => {
    const away = (to: number, name = "redis_refused") => faultFrom(1_000, to, { name });
    const tried = [1_500, 2_500, 3_500].map((from) => ({
      ...beats(from, from, "e1:0", "disconnected"),
      outcome: "fail" as const,
    }));
    const gone = beats(4_300, 5_000, "e1:0", "not_online");
    const before = [registers(0), beats(900, 1)];
    expect(found("N4", [...before, ...away(4_000), ...tried, gone])).toContain("while Redis was away");
    const late = { ...gone, from: 5_700, to: 5_701 };
    expect(found("N4", [...before, ...away(4_000), ...tried, late])).toBe("");
    expect(found("N4", [...before, ...away(4_000), gone])).toBe("");
    expect(found("N4", [...before, ...away(2_550), ...tried, gone])).toBe("");
    expect(found("N4", [...before, ...away(4_000, "redis_latency"), ...tried, gone])).toBe("");
    // The other instance reached it, and may have let the node expire.
    const history = [...before, ...away(4_000), ...tried, gone];
    expect(found("N4", history, 2)).toBe("");
  });
});
