/** While nothing reaches Redis no change is acknowledged, no write is sent, and what is held is shown on. */
import { describe, expect, it } from "vitest";
import type { Call, FaultStep, HistoryEvent } from "../../../src/check/history.ts";
import type { Terms } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { call, faultFrom, mode, node, read, view } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const registered = call({
  ...{ op: "register_node", node: "n1", from: 0, to: 1, incarnation: "e1:0", offer, reply: "registered" },
});
const beat = (from: number, given: Partial<Call> = {}) =>
  call({ op: "heartbeat", node: "n1", from, to: from + 1, seq: from, incarnation: "e1:0", reply: "renewed", ...given });
const cut = (given: Partial<FaultStep> = {}) => faultFrom(100, 1_000, { name: "redis_refused", ...given });
const foundOf = (property: PropertyId, history: readonly HistoryEvent[], terms: Partial<Terms> = {}): string =>
  judgeAnswers(property, [registered, ...history], terms)
    .violations.map(([first = ""]) => first)
    .join("; ");
const found = (...history: readonly HistoryEvent[]): string => foundOf("D4", history);

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

describe("a write of an instance that is cut off from Redis", () => {
  const doubt = (from: number, given: Partial<Call> = {}) =>
    beat(from, { outcome: "info", reply: "deadline", ...given });
  const terms = { writesStopBy: 175 };

  it.each<Call["op"]>(["heartbeat", "register_node", "offline_node", "complete_job", "release_job"])(
    "is not sent: %s",
    (op) => {
      expect(foundOf("D6", [...cut(), doubt(500, { op, job: "j1" })], terms)).toContain(
        `${op} of node n1 on instance 0, 400 ms after it was cut off from Redis, was answered deadline`,
      );
      const refused = judgeAnswers("D6", [registered, ...cut(), doubt(500, { op, job: "j1", outcome: "fail" })], terms);
      expect(refused).toMatchObject({ verdict: "held", exercised: 1 });
    },
  );

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["before", [...cut(), doubt(50)]],
    ["after one late read", [...cut(), doubt(320)]],
    ["after", [...cut(), doubt(1_100)]],
    ["as the fault ends", [...cut(), doubt(990, { to: 1_010 })]],
    ["as a reserve that is repeated", [...cut(), doubt(500, { op: "reserve_job", job: "j1" })]],
    ["as a dispatch", [...cut(), doubt(500, { op: "dispatch", job: "j1" })]],
    ["on another instance", [...cut({ instance: 1 }), doubt(500)]],
    [
      "where its process was killed",
      [...cut(), ...faultFrom(490, 600, { name: "instance_crash", fault: 1, link: "process" }), doubt(500)],
    ],
    ["under a fault that lets answers through", [...cut({ name: "redis_latency" }), doubt(500)]],
  ])("may be in doubt %s", (_, history) => {
    expect(foundOf("D6", history, terms)).toBe("");
  });

  it("is not sent after the second late read", () => {
    expect(foundOf("D6", [...cut(), doubt(326)], terms)).toContain("allowed from 225 ms on an error that is definite");
    expect(judgeAnswers("D6", [registered, ...cut(), doubt(500)]).verdict).toBe("not_exercised");
  });
});

describe("a read of an instance that is cut off from Redis", () => {
  const answers = (from: number, isFound: boolean) => {
    const shown = isFound ? node(1, { ...offer, incarnation: "e1:0" }) : null;
    const answer = { found: isFound, source: "l2", stale: true, age_ms: from, mode: "l2_only", node: shown } as const;
    return read(from, from + 1, { read: answer, reply: isFound ? "found" : "missing" });
  };
  const leaves = (from: number) => call({ op: "offline_node", node: "n1", from, to: from + 1, reply: "offline" });
  const degraded = [...cut(), mode(120, "normal", "l2_only")];

  it("finds what it has found", () => {
    expect(foundOf("D5", [...degraded, answers(50, true), answers(500, false)])).toContain(
      "400 ms after it was cut off from Redis, was answered as missing, allowed as it was found 450 ms before",
    );
    const both = [registered, ...degraded, answers(50, true), answers(500, true)];
    expect(judgeAnswers("D5", both).verdict).toBe("held");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["it has never found", [...degraded, answers(500, false)]],
    ["it found on another instance", [...degraded, { ...answers(50, true), instance: 1 }, answers(500, false)]],
    ["had left", [...degraded, answers(50, true), leaves(60), answers(500, false)]],
    [
      "was past its time",
      [
        registered,
        ...faultFrom(3_000, 4_000, { name: "redis_refused" }),
        mode(3_020, "normal", "l2_only"),
        answers(50, true),
        answers(3_500, false),
      ],
    ],
    [
      "it held before it was killed",
      [
        ...degraded,
        answers(50, true),
        ...faultFrom(80, 90, { name: "instance_crash", fault: 1, link: "process" }),
        answers(500, false),
      ],
    ],
    [
      "it has had to drop, being local_only",
      [...degraded, mode(300, "l2_only", "local_only"), answers(50, true), answers(500, false)],
    ],
    ["it finds again", [...degraded, answers(50, true), answers(1_100, false)]],
  ])("may miss what %s", (_, history) => {
    expect(foundOf("D5", history)).toBe("");
  });

  const local = [...degraded, answers(900, true)];
  const terms = { localOnlyBy: 600 };

  it("is given in local_only once what it holds is too old", () => {
    expect(foundOf("D5", local, terms)).toContain("was answered in l2_only, allowed local_only from 700 ms on");
    const inTime = [registered, ...local, mode(850, "l2_only", "local_only")];
    expect(judgeAnswers("D5", inTime, terms)).toMatchObject({ verdict: "held" });
  });

  it.each<readonly [string, readonly HistoryEvent[], Partial<Terms>]>([
    ["sooner", [...degraded, answers(780, true)], terms],
    ["where its limit is not known", local, {}],
    ["on another instance", [...cut({ instance: 1 }), mode(120, "normal", "l2_only"), answers(900, true)], terms],
    ["once it is over", [...degraded, answers(1_050, true)], terms],
  ])("may be given in l2_only %s", (_, history, given) => {
    expect(foundOf("D5", history, given)).toBe("");
  });
});

describe("the view of an instance", () => {
  const restart = faultFrom(50, 60, { name: "redis_restart", instance: null, link: "server" });

  it("does not go back", () => {
    expect(foundOf("V2", [view(10, 7), view(20, 6)])).toContain("reported its view in version e1:6, allowed e1:7");
    expect(foundOf("V2", [view(10, 7), view(20, 7), view(30, 8)])).toBe("");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["of another instance", [view(10, 7), view(20, 6, 1)]],
    ["in another epoch", [view(10, 7), view(20, 6, 0, "e2")]],
    [
      "after it was killed",
      [view(10, 7), ...faultFrom(15, 18, { name: "instance_crash", link: "process" }), view(20, 6)],
    ],
    ["after a loss of data, without another epoch", [view(10, 7), ...restart, view(70, 7), view(80, 1)]],
    ["by a loss of data", [view(10, 7), ...restart, view(52, 8), view(55, 1)]],
  ])("may be older %s", (_, history) => {
    expect(foundOf("V2", history)).toBe("");
  });
});
