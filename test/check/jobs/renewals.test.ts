import { describe, expect, it } from "vitest";
import { judgeAcknowledged } from "../../../src/check/acknowledged.ts";
import type { Call } from "../../../src/check/history.ts";
import type { ObservedChange } from "../../../src/check/observation.ts";
import { call, dump, entry, faultFrom, job, registered, seenAt, trialOf, view } from "../trials.ts";

const lapsed: ObservedChange = { kind: "lapsed", node: "n1", jobs: ["a"], current_jobs: 0 };
const held = [entry(1, registered()), seenAt(10, entry(2, job("reserved", "a", 1)))];

function beat(from: number, parts: Partial<Call> = {}): Call {
  const told = { reply: "renewed", version: { epoch: "e1", sequence: 2 }, running: ["a"], seq: from };
  return call({ op: "heartbeat", node: "n1", from, to: from + 2, ...told, ...parts });
}

describe("D4 of a renewed lease", () => {
  const judged = (history: Parameters<typeof trialOf>[0]["history"] & object, at: number, lease = 1_000) =>
    judgeAcknowledged(trialOf({ history, observations: [...held, seenAt(at, entry(3, lapsed))], terms: { lease } }));

  it("holds where the job lapses no sooner than was promised, and counts that it outlived its first lease", () => {
    expect(judged([beat(500), beat(1_200)], 2_200)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged([beat(500)], 1_500)).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  it("is violated where it lapses sooner", () => {
    expect(judged([beat(500)], 1_100).violations[0]?.[0]).toBe(
      "job a lost its place on node n1 400 ms before the lease ended that an acknowledged heartbeat had renewed, allowed is none before",
    );
  });

  it.each([
    ["was not acknowledged", [beat(500, { outcome: "info", reply: "deadline" })]],
    ["named another", [beat(500, { running: ["b"] })]],
    ["came after it had lapsed", [beat(500, { version: { epoch: "e1", sequence: 3 } })]],
    ["was promised by a clock that was moved", [beat(500), ...faultFrom(700, 701, { name: "clock_jump" })]],
  ])("claims nothing of a heartbeat that %s", (_, history) => {
    expect(judged(history, 1_100).violations).toEqual([]);
  });

  it("claims nothing of a job that was reserved again, nor where the lease was not taken down", () => {
    const again = [entry(3, job("released", "a", 0)), entry(4, job("reserved", "a", 1)), entry(5, lapsed)];
    const observations = [...held, ...again];
    const history = [beat(500)];
    expect(judgeAcknowledged(trialOf({ history, observations, terms: { lease: 1_000 } })).violations).toEqual([]);
    const early = [...held, seenAt(1_100, entry(3, lapsed))];
    expect(judgeAcknowledged(trialOf({ history, observations: early })).violations).toEqual([]);
  });
});

describe("D4 of an epoch that was left", () => {
  const observations = [...held, dump(0, [], "e2")];
  const follows = [view(1, 2), view(20, 0, 0, "e2")];
  const reserved = (from: number, parts: Partial<Call> = {}) =>
    call({
      ...{ op: "reserve_job", node: "n1", job: "a", from, to: from + 1, reply: "reserved" },
      version: { epoch: "e1", sequence: 2 },
      ...parts,
    });
  const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgeAcknowledged(trialOf({ history, observations, instances: 2 }));

  it("is violated where an instance acknowledges in it after its view had gone on", () => {
    expect(judged(...follows, reserved(30)).violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2 by instance 0, which had left that epoch, allowed is only to say that it may be lost",
    );
  });

  it.each([
    ["before it had gone on", [reserved(10)]],
    ["and says that it may be lost", [reserved(30, { outcome: "info", reply: "readonly" })]],
    ["though another instance has gone on", [reserved(30, { instance: 1 })]],
    ["in a new life", [...faultFrom(22, 25, { name: "instance_crash", link: "process" }), reserved(30)]],
  ] as const)("holds where an instance answers %s", (_, history) => {
    expect(judged(...follows, ...history).violations).toEqual([]);
  });
});
