/** Places whose lease is over, by what clients know: a sweep has taken them soon after, unless a fault or a stall made a gap in the sweeps. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, faultFrom, stall, trialOf } from "../../check/trials.ts";

const offer = { max_jobs: 1, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const terms = { lease: 200, doneMax: 100, doneFor: 100_000, heartbeatTtl: 500, sweepInterval: 50 };

/** A process with keys of its own, of which the observer sees nothing. */
const ownSystem = { kind: "system", at: 0, instance: 0, name: "own", version: "1", claims: [], withheld: {} } as const;
const observations = [{ ...dump(0, []), version: null }];

const of = (op: Call["op"], from: number, given: Partial<Call> = {}): Call =>
  call({ node: "n1", op, from, to: from + 1, reply: "ok", ...given });
/** Without an end that the system has made itself, it is not known that it heeds these settings. */
const heeds: readonly Call[] = [
  of("register_node", -700, { node: "n2", incarnation: "e1:2", offer, reply: "registered" }),
  of("reserve_job", -5, { node: "n2", job: "z", reply: "not_online" }),
];
const registers = of("register_node", 0, { incarnation: "e1:0", offer, reply: "registered" });
const reserves = (from: number, job: string, given: Partial<Call> = {}) =>
  of("reserve_job", from, { job, reply: "reserved", ...given });
const ends = (from: number, job: string, reply: string, op: Call["op"] = "complete_job") =>
  of(op, from, { job, reply });
const beats = (from: number, running: readonly string[], given: Partial<Call> = {}) =>
  of("heartbeat", from, { seq: from, incarnation: "e1:0", reply: "renewed", running, ...given });

function found(property: PropertyId, own: readonly HistoryEvent[], settings: object = terms): string {
  const history = [...heeds, ...own];
  const make = clientJudges[property];
  if (make === undefined) throw new RangeError(`no judge of ${property}`);
  const { violations } = judgeRecorded(make, trialOf({ history, terms: settings, observations }));
  return violations.map(([first = ""]) => first).join("; ");
}

describe("a place whose lease is over", () => {
  // Nothing is due for a TTL after the start, and then it may take 1,200 ms until it is swept.
  const full = (from: number, ...between: readonly HistoryEvent[]) =>
    found("J4", [registers, reserves(10, "a"), ...between, reserves(from, "b", { reply: "full" })]);

  it("makes no node full any longer", () => {
    expect(full(2_500)).toContain("at most 0 jobs, allowed from 1 jobs on");
    expect(full(1_500)).toBe("");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["a heartbeat that named its job", [beats(1_800, ["a"])]],
    ["a heartbeat without an answer", [beats(100, ["a"], { outcome: "info", reply: "deadline" })]],
    ["a fault that may have kept instances from sweeping", faultFrom(300, 1_000)],
    ["a fault that still does", faultFrom(300, 4_000)],
    ["a stall", [stall(1_900, 450)]],
    ["another reserve without an answer", [reserves(20, "a", { outcome: "info", reply: "deadline" })]],
  ])("may be there after %s", (_, between) => {
    expect(full(2_500, ...between)).toBe("");
  });

  it("is over on a busy machine, too, that lets its instances run in between", () => {
    const busy = Array.from({ length: 240 }, (_, index) => stall(index * 10, 5));
    expect(full(2_500, ...busy)).toContain("at most 0 jobs");
  });

  it.each([
    ["is over, though the harness waited for a processor", { ...stall(1_900, 450), ran: 0, waited: 450 }, true],
    ["may be there, where it did itself", { ...stall(1_900, 450), instance: 0, waited: 450 }, false],
    ["may be there, where a processor was held up", { kind: "frozen", since: 1_450, at: 1_900, lasted: 450 }, false],
    ["may be there, where the harness slept past its time", { ...stall(1_900, 450), ran: 0, waited: 0 }, false],
  ] as const)("%s, for an instance that is a process of its own", (_, pause, isOver) => {
    const measured = { ...stall(1_000, 2), instance: 0, waited: 2 };
    expect(full(2_500, ownSystem, measured, pause).includes("at most 0 jobs")).toBe(isOver);
    // Where its own waits are not known, it may have waited as long as the harness.
    if (isOver) expect(full(2_500, ownSystem, pause)).toBe("");
  });

  it("lasts as long as the longest lease that was asked for", () => {
    const long = reserves(10, "a", { lease: 8_000 });
    expect(found("J4", [registers, long, reserves(2_500, "b", { reply: "full" })])).toBe("");
    expect(
      found("J4", [registers, reserves(10, "a", { lease: 50 }), reserves(2_500, "b", { reply: "full" })]),
    ).not.toBe("");
  });

  it("may stay in a system that ends neither nodes nor leases itself", () => {
    const history = [registers, reserves(10, "a"), reserves(2_500, "b", { reply: "full" })];
    expect(clientJudges.J4 && judgeRecorded(clientJudges.J4, trialOf({ history, terms })).violations).toEqual([]);
  });

  it.each([
    ["was there long after, and none was seen to end", "unknown", [ends(2_500, "a", "completed")]],
    ["was seen to end", "held", [ends(2_500, "a", "unknown")]],
    [
      "was there long after, and another one was seen to end",
      "held",
      [ends(2_500, "a", "completed"), reserves(2_600, "b"), ends(3_000, "b", "unknown")],
    ],
  ] as const)("%s: whether leases end is then %s", (_, verdict, own) => {
    const renewed = [reserves(10, "z"), ...[100, 200, 300].map((at) => beats(at, ["z"])), ends(400, "z", "completed")];
    const online = Array.from({ length: 27 }, (_each, index) => beats(450 + index * 100, []));
    const calls = [registers, ...renewed, ...online, reserves(420, "a"), ...own].toSorted((a, b) => a.from - b.from);
    expect(
      clientJudges.J5 && judgeRecorded(clientJudges.J5, trialOf({ history: calls, terms, observations })).verdict,
    ).toBe(verdict);
  });

  it("is not known to be gone where it is not known how often instances sweep", () => {
    const { sweepInterval: _, ...rest } = terms;
    expect(found("J4", [registers, reserves(10, "a"), reserves(2_500, "b", { reply: "full" })], rest)).toBe("");
  });

  it.each(["complete_job", "release_job"] as const)("is not found by a %s", (op) => {
    const words = "allowed unknown: it had no place any longer";
    expect(found("J3", [registers, reserves(10, "a"), ends(2_500, "a", "completed", op)])).toContain(words);
    expect(found("J3", [registers, reserves(10, "a"), ends(1_500, "a", "completed", op)])).toBe("");
    expect(found("J3", [registers, reserves(10, "a"), ends(2_500, "a", "unknown", op)])).toBe("");
  });

  it("has outlived its lease where it is found, or makes a node full", () => {
    expect(found("J5", [registers, reserves(10, "a"), ends(2_500, "a", "completed")])).toContain("allowed unknown");
    expect(found("J5", [registers, reserves(10, "a"), reserves(2_500, "b", { reply: "full" })])).toContain(
      "at most 0 jobs",
    );
    expect(found("J5", [registers, reserves(10, "a"), ends(1_500, "a", "completed")])).toBe("");
  });

  it("may stay in a system that sweeps seldom: it was seen to end a lease, and to leave one for longer", () => {
    const online = [registers, ...Array.from({ length: 30 }, (_, index) => beats(50 + index * 100, []))];
    const left = [reserves(10, "a"), ends(2_500, "a", "completed")];
    const ended = [reserves(2_600, "b"), ends(2_900, "b", "unknown")];
    const later = [reserves(10, "c"), reserves(3_000, "d", { reply: "full" })];
    const sorted = (...calls: readonly (readonly Call[])[]) => calls.flat().toSorted((a, b) => a.from - b.from);
    for (const property of ["J3", "J4", "J5"] as const) {
      expect(found(property, sorted(online, left, ended, later))).toBe("");
      // One that ends no lease at all has no such excuse, and neither has one that was never seen to be late.
      expect(found(property, sorted(online, left, later))).not.toBe("");
    }
    expect(found("J4", sorted(online, ended, later))).not.toBe("");
  });

  it("is still remembered as finished where its job was completed", () => {
    const twice = [ends(20, "a", "completed"), ends(2_500, "a", "completed")];
    expect(found("J3", [registers, reserves(10, "a"), ...twice])).toBe("");
  });
});

describe("a lease", () => {
  const online = Array.from({ length: 9 }, (_, index) => beats(20 + index * 50, ["a"]));

  it("lasts as long as was asked for, and as heartbeats renewed it", () => {
    const words = "did not find job a on node n1, allowed completed";
    expect(found("J5", [registers, reserves(10, "a"), ends(150, "a", "unknown")])).toContain(words);
    expect(found("J5", [registers, reserves(10, "a"), ...online, ends(550, "a", "unknown")])).toContain(words);
    expect(found("J5", [registers, reserves(10, "a"), ...online, ends(650, "a", "unknown")])).toBe("");
  });

  it("is compared where it was renewed, and where it ended", () => {
    const make = clientJudges.J5;
    const compared = (...own: readonly Call[]) =>
      make &&
      judgeRecorded(make, trialOf({ history: [...heeds, registers, reserves(10, "a"), ...own], terms })).exercised;
    expect(compared(ends(150, "a", "completed"))).toBe(0);
    expect(compared(...online, ends(550, "a", "completed"))).toBe(1);
    expect(compared(beats(100, []), beats(200, []), ends(300, "a", "unknown"))).toBe(1);
  });
});

describe("a job that was answered to have no place", () => {
  it("makes no node full, unless another reserve may give it one", () => {
    const missed = [registers, reserves(10, "a"), ends(250, "a", "unknown")];
    expect(found("J4", [...missed, reserves(260, "b", { reply: "full" })])).toContain("at most 0 jobs");
    const open = reserves(20, "a", { outcome: "info", reply: "deadline" });
    const again = [
      registers,
      reserves(10, "a"),
      open,
      ends(250, "a", "unknown"),
      reserves(260, "b", { reply: "full" }),
    ];
    expect(found("J4", again)).toBe("");
  });
});
