/** A heartbeat that is in order is neither too old nor taken before: part of N1, for stores that are observed and for those that are not. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, trialOf } from "../../check/trials.ts";

const offer = { max_jobs: 1, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const registered = call({
  ...{ node: "n1", op: "register_node", from: 0, to: 1, incarnation: "e1:0", offer, reply: "registered" },
});
const beat = (from: number, seq: number, reply = "renewed", given: Partial<Call> = {}) =>
  call({ node: "n1", op: "heartbeat", from, to: from + 1, seq, incarnation: "e1:0", reply, running: [], ...given });
const jobs = Array.from({ length: 501 }, (_, index) => `job-${index}`);

const judges = { "by observed changes": judgeLateHeartbeats, "by calls alone": clientJudges.N1 };

describe.each(Object.entries(judges))("heartbeats that are refused, %s", (_name, make) => {
  function found(...history: readonly HistoryEvent[]): string {
    if (make === undefined) throw new RangeError("no judge of N1");
    const { violations } = judgeRecorded(make, trialOf({ history: [registered, ...history], instances: 1 }));
    return violations.map(([first = ""]) => first).join("; ");
  }

  it("as too old are so where a newer one had been sent, answered or not", () => {
    const stale = beat(20, 10, "stale");
    expect(found(beat(10, 9), stale)).toBe(
      "heartbeat 10 of incarnation e1:0 of node n1 was answered stale, allowed renewed: none with a higher number had been sent",
    );
    expect(found(beat(10, 11, "renewed", { incarnation: "e1:9" }), stale)).toContain("none with a higher number");
    expect(found(stale, beat(21, 11))).toContain("none with a higher number");
    expect(found(beat(10, 11), stale)).toBe("");
    expect(found({ ...stale, to: 30 }, beat(25, 11))).toBe("");
    expect(found(beat(10, 11, "deadline", { outcome: "info", to: null }), stale)).toBe("");
  });

  it("as too old are so where parts of one overtook each other", () => {
    expect(found(beat(10, 10, "renewed", { running: jobs }), beat(20, 10, "stale"))).toBe("");
    expect(found(beat(10, 10, "stale", { running: jobs }))).toBe("");
    expect(found(beat(10, 10), beat(20, 10, "stale"))).toContain("none with a higher number");
  });

  it("as taken before were sent twice", () => {
    const already = beat(20, 10, "already");
    expect(found(beat(10, 9), already)).toBe(
      "heartbeat 10 of incarnation e1:0 of node n1 was answered already, allowed renewed: it had been sent once",
    );
    expect(found(beat(10, 10), already)).toBe("");
    expect(found(beat(10, 10, "deadline", { outcome: "info", to: null }), already)).toBe("");
    // Its instance may have sent it again, since the first answer was late, or a fault may have.
    expect(found({ ...already, to: 30 })).toBe("");
    expect(found(...faultFrom(15, 18), already)).toBe("");
    expect(found(already, ...faultFrom(25, 28))).toContain("sent once");
  });
});
