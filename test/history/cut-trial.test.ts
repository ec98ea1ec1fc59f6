import { describe, expect, it } from "vitest";
import type { Trial } from "../../src/check/judgement.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { openAtTheCut, withoutOpenEnd } from "../../src/history/trial/cut.ts";
import { judge } from "../../src/judges/recorded/judges.ts";
import { call, dump, entry, job, node, read, registered, seenAt, storeCall, trialOf, view } from "../check/trials.ts";

const observed = [dump(0, []), entry(1, registered()), dump(1, [[node(1), []]])];
/** The observer has not yet seen change 2. */
const ahead = { epoch: "e1", sequence: 2 };
const reserve = call({
  op: "reserve_job",
  node: "n1",
  job: "a",
  from: 2_400,
  to: 2_405,
  reply: "reserved",
  version: ahead,
});
/** A later event: the file ends at 3,000 ms, and is judged to 2,250. */
const last = call({ op: "heartbeat", node: "n1", from: 2_999, to: 3_000, outcome: "info", reply: "deadline" });
const verdictOf = (property: PropertyId, trial: Trial) => judge(property, trial).verdict;
const cut = (history: Trial["history"]) => trialOf({ history: [...history, last], observations: observed });

describe("a history that ends before its run", () => {
  it.each<readonly [string, PropertyId, Trial]>([
    ["an answer that the observer had not got to check", "V1", cut([reserve])],
    ["an acknowledged write that it had not got to see", "D4", cut([reserve])],
    ["a late read that may lack its excuse", "D1", cut([read(2_350, 2_450)])],
    ["a read that had not come back", "D1", cut([read(10, null)])],
    ["a late request that may lack its excuse", "K3", cut([storeCall(2_300, 2_460)])],
  ])("has no violation for %s", (_, property, trial) => {
    const whole = { ...trial, observations: [...observed, seenAt(3_000, dump(1, [[node(1), []]]))] };
    expect(verdictOf(property, whole)).toBe("violated");
    expect(openAtTheCut(property) ?? judge(property, withoutOpenEnd(trial)(property))).not.toMatchObject({
      verdict: "violated",
    });
  });

  it("has no violation for a refusal whose reason is at its end, and still has one without a reason before", () => {
    const missed = (to: number) => storeCall(to - 25, to, { script: "changes_since", outcome: "deadline" });
    const left = { kind: "mode", at: 301, instance: 0, from: "normal", to: "l2_only", cause: "deadline" } as const;
    const refused = (from: number) =>
      call({ op: "reserve_job", node: "n1", job: "b", from, to: from + 1, outcome: "fail", reply: "disconnected" });
    const seen = [storeCall(100, 101), missed(300), left];
    const trial = cut([...seen, missed(2_260), refused(2_280)]);
    expect(verdictOf("D6", trial)).not.toBe("violated");
    expect(verdictOf("D6", withoutOpenEnd(trial)("D6"))).not.toBe("violated");
    expect(verdictOf("D6", withoutOpenEnd(cut([...seen, refused(2_280)]))("D6"))).not.toBe("violated");
    expect(verdictOf("D6", withoutOpenEnd(cut([...seen, refused(2_200), missed(2_260)]))("D6"))).toBe("violated");
  });

  it("still shows what was violated before", () => {
    expect(verdictOf("D1", withoutOpenEnd(cut([read(100, 300)]))("D1"))).toBe("violated");
    expect(verdictOf("K3", withoutOpenEnd(cut([storeCall(100, 300)]))("K3"))).toBe("violated");
    const broken = trialOf({ history: [last], observations: [...observed, entry(3, job("reserved", "a", 1))] });
    expect(verdictOf("V1", withoutOpenEnd(broken)("V1"))).toBe("violated");
  });

  it("has a call with an unconfirmed answer as one that may have happened", () => {
    const { history } = withoutOpenEnd(cut([reserve]))("V1");
    expect(history[0]).toMatchObject({ id: reserve.id, to: null, outcome: "info" });
    expect(history[0]).not.toHaveProperty("version");
    const earlier = { ...reserve, from: 900, to: 905 };
    expect(withoutOpenEnd(cut([earlier]))("V1").history[0]).toMatchObject({ to: 905, outcome: "info" });
    const seen = trialOf({ history: [reserve, last], observations: [...observed, dump(2, [])] });
    expect(withoutOpenEnd(seen)("L1").history).toEqual([reserve, last]);
  });

  it("has no violation for a change by a request with a lost reply at its end", () => {
    const lost = storeCall(900, 930, { script: "reserve_job", outcome: "deadline" });
    const answered = storeCall(931, 940, { script: "reserve_job" });
    const repeated = { ...reserve, reply: "already", from: 900, to: 940 };
    const first = { epoch: "e1", sequence: 1 };
    const earlier = call({ op: "heartbeat", node: "n1", from: 10, to: 12, reply: "renewed", version: first });
    const observations = [...observed, seenAt(905, entry(2, job("reserved", "a", 1))), seenAt(960, dump(2, []))];
    const trial = trialOf({ history: [earlier, lost, answered, repeated, last], observations });
    expect(judge("L1", trial).verdict).not.toBe("violated"); // nor would it be of the whole run
    expect(judge("L1", withoutOpenEnd(trial)("L1")).verdict).not.toBe("violated");
    const unasked = trialOf({ history: [earlier, answered, repeated, last], observations });
    expect(judge("L1", withoutOpenEnd(unasked)("L1")).verdict).toBe("violated");
  });

  it("loses late events that may have an excuse, and views that the observer had not seen", () => {
    const full = (to: number, sequence: number) =>
      ({
        kind: "node_full",
        instance: 0,
        node: "n1",
        job: "a",
        from: to - 1,
        to,
        version: { epoch: "e1", sequence },
      }) as const;
    const kept = [read(10, 11), storeCall(10, 12), full(13, 1), view(20, 1)];
    const dropped = [
      ...[read(2_340, 2_341), storeCall(2_200, 2_260), full(14, 2), full(2_340, 1), view(21, 2), view(2_290, 1)],
      { kind: "mode", at: 2_300, instance: 0, from: "normal", to: "l2_only", cause: "deadline" } as const,
      { kind: "phase", at: 2_300, name: "quiet" } as const,
    ];
    const atTheEnd = { ...last, to: null, reply: "not checked any more" };
    expect(withoutOpenEnd(cut([...kept, ...dropped]))("K3").history).toEqual([...kept, atTheEnd]);
  });

  it("is judged as far as each instance has reported, which may be paused, unless it crashed", () => {
    const slow = storeCall(500, 700, { instance: 1 });
    const verdictWith = (...others: Trial["history"]) => {
      const trial = { ...cut([slow, ...others]), instances: 2 };
      return verdictOf("K3", withoutOpenEnd(trial)("K3"));
    };
    expect(verdictWith()).not.toBe("violated");
    expect(verdictWith(storeCall(1_500, 1_501, { instance: 1 }))).toBe("violated");
    const crash = { fault: 0, name: "instance_crash", instance: 1, link: "process", cuts_off: false } as const;
    expect(verdictWith({ kind: "fault", ...crash, step: "inject", asked: 790, done: 800 })).toBe("violated");
  });

  it("has no violation for an answer in time that the observer never confirms, such as that of a configuration", () => {
    const put = call({ op: "put_config", from: 500, to: 510, reply: "put", version: { epoch: "c1", sequence: 1 } });
    const quiet = [
      { kind: "phase", at: 1_500, name: "quiet" },
      { kind: "phase", at: 2_000, name: "end" },
    ] as const;
    const verdictWith = (...history: Trial["history"]) => {
      const trial = cut([...history, ...quiet]);
      return verdictOf("K3", withoutOpenEnd({ ...trial, terms: { ...trial.terms, writeLimit: 30 } })("K3"));
    };
    expect(verdictWith(put)).not.toBe("violated");
    expect(verdictWith({ ...put, to: null, outcome: "info", reply: "never returned" })).toBe("violated");
  });

  it("leaves open what only the end of a run decides", () => {
    for (const property of ["V3", "D2", "D3", "D4", "P1"] as const)
      expect(openAtTheCut(property)).toMatchObject({
        verdict: "not_exercised",
        reason: expect.stringContaining("end"),
      });
    expect(openAtTheCut("L1")).toBeNull();
  });
});
