import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, mode, node, trialOf } from "../../check/trials.ts";

const offer = { max_jobs: 1, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
type Given = Partial<Call> & { readonly from: number };

const of = (op: Call["op"], given: Given): Call => call({ node: "n1", op, to: given.from + 1, ...given });
const registers = (from: number, given: Partial<Call> = {}) =>
  of("register_node", { from, incarnation: `e1:${from}`, offer, reply: "registered", ...given });
const reserves = (from: number, job: string, reply = "reserved", given: Partial<Call> = {}) =>
  of("reserve_job", { from, job, reply, ...given });
const completes = (from: number, job: string, reply = "completed") => of("complete_job", { from, job, reply });
const beats = (from: number, seq: number, incarnation = "e1:0", reply = "renewed") =>
  of("heartbeat", { from, seq, incarnation, reply, running: [] });

const releases = (from: number, job: string, given: Partial<Call> = {}) =>
  of("release_job", { from, job, reply: "completed", ...given });
const leaves = (from: number) => of("offline_node", { from, reply: "offline" });

const lost = { outcome: "info", reply: "deadline" } as const;

const terms = { lease: 10_000, doneMax: 100, doneFor: 100_000 };

/** Returns the judgement of a property on these calls, with the first words of each violation. */
function judged(property: PropertyId, ...history: readonly HistoryEvent[]) {
  const make = clientJudges[property];
  if (make === undefined) throw new RangeError(`no judge of ${property}`);
  const { exercised, verdict, violations } = judgeRecorded(make, trialOf({ history, terms }));
  return { exercised, verdict, found: violations.map(([first = ""]) => first) };
}

describe("what clients know of the jobs of a node", () => {
  const full = [registers(0), reserves(10, "a")];
  const half: Call = { ...completes(20, "a", "deadline"), outcome: "info" };

  it.each<readonly [string, PropertyId, readonly HistoryEvent[], string]>([
    ["more places than the node has", "J2", [...full, reserves(20, "b")], "certainly had 2 jobs, allowed 1"],
    ["a place given twice", "J3", [...full, reserves(20, "a")], "while it certainly had its place, allowed already"],
    ["a place after the job was completed", "J3", [...full, completes(20, "a"), reserves(30, "a")], "allowed finished"],
    [
      "a place that was never asked for",
      "J3",
      [registers(0), reserves(10, "a", "already")],
      "allowed only after a reserve",
    ],
    [
      "a place of a job whose release was acknowledged",
      "J3",
      [...full, releases(20, "a"), reserves(30, "a", "already")],
      "allowed reserved or finished",
    ],
    [
      "a completed job that a second complete does not know",
      "J3",
      [...full, completes(20, "a"), completes(30, "a", "unknown")],
      "a repeated complete_job was answered unknown for job a on node n1, allowed completed",
    ],
    [
      "a completed job that a second complete does not know, where the first had no answer",
      "J3",
      [...full, half, completes(30, "a", "unknown")],
      "allowed completed",
    ],
    [
      "a finished job that never ran",
      "J3",
      [registers(0), reserves(10, "a", "finished")],
      "allowed only after a complete",
    ],
    ["a completed job that never ran", "J3", [registers(0), completes(10, "a")], "allowed only after a reserve"],
    ["a forgotten job where none has run", "J3", [registers(0), reserves(10, "a", "finished_unknown")], "completed"],
    ["a full node without jobs", "J4", [registers(0), reserves(10, "a", "full")], "at most 0 jobs, allowed from 1"],
    [
      "a full node whose job has ended",
      "J4",
      [...full, completes(20, "a"), reserves(30, "b", "full")],
      "at most 0 jobs",
    ],
    ["a place that is not there any more", "D4", [...full, completes(20, "a", "unknown")], "allowed completed"],
    [
      "a place that a release took which certainly did not happen",
      "D4",
      [...full, releases(20, "a", { outcome: "fail", reply: "disconnected" }), releases(30, "a", { reply: "unknown" })],
      "release_job did not find job a on node n1, allowed completed",
    ],
    [
      "more places than the last registration has",
      "J2",
      [registers(0, { offer: { ...offer, max_jobs: 2 } }), registers(5), reserves(10, "a"), reserves(20, "b")],
      "certainly had 2 jobs, allowed 1",
    ],
    ["a place on a node that has said goodbye", "D4", [...full, leaves(20), reserves(30, "b")], "its goodbye was"],
    [
      "a heartbeat of a node that has said goodbye",
      "D4",
      [registers(0), leaves(20), beats(30, 1)],
      "renewed for node n1, allowed not_online",
    ],
  ])("contradicts %s", (_, property, history, words) => {
    const { found, verdict } = judged(property, ...history);
    expect(verdict).toBe("violated");
    expect(found[0]).toContain(words);
  });

  it.each<readonly [string, PropertyId, readonly HistoryEvent[]]>([
    [
      "a reserve whose first try had no answer",
      "J3",
      [registers(0), reserves(10, "a", "deadline", { outcome: "info" }), reserves(20, "a", "already")],
    ],
    [
      "a full node that a reserve without an answer may have filled",
      "J4",
      [registers(0), reserves(10, "a", "deadline", { outcome: "info" }), reserves(20, "b", "full")],
    ],
    ["a place that a complete without an answer may have taken", "D4", [...full, half, completes(30, "a", "unknown")]],
    [
      "a second complete of what a release may have taken",
      "J3",
      [...full, releases(15, "a", { ...lost, to: null }), half, completes(30, "a", "unknown")],
    ],
    [
      "a second complete of what a release took between",
      "J3",
      [...full, half, releases(25, "a"), completes(30, "a", "unknown")],
    ],
    [
      "a second complete on a node that registered again",
      "J3",
      [...full, half, registers(25), completes(30, "a", "unknown")],
    ],
    ["a second complete after the lease", "J3", [...full, half, completes(10_020, "a", "unknown")]],
    [
      "a place that another reserve has given meanwhile",
      "J3",
      [...full, releases(20, "a"), reserves(30, "a", "already", { to: 40 }), reserves(31, "a")],
    ],
    [
      "a place that a dispatch gave whose commands may have been repeated",
      "J3",
      [
        registers(0),
        ...faultFrom(5, 6, { name: "command_repeated" }),
        of("dispatch", { from: 10, job: "a", reply: "reserved" }),
        releases(20, "a"),
      ],
    ],
    [
      "a place that a dispatch in flight may have given",
      "J3",
      [registers(0), of("dispatch", { from: 10, job: "a", reply: "reserved", to: 40 }), reserves(20, "a", "already")],
    ],
    [
      "a place that a reserve beside its release has given again",
      "J3",
      [...full, releases(20, "a", { to: 40 }), reserves(22, "a", "reserved", { to: 30 }), releases(50, "a")],
    ],
    [
      "a place that one of two releases may have taken",
      "D4",
      [
        ...full,
        releases(15, "a", { ...lost, to: null }),
        releases(20, "a", { outcome: "fail", reply: "disconnected" }),
        releases(30, "a", { reply: "unknown" }),
      ],
    ],
    ["a place on a node that may have come back", "D4", [...full, leaves(20), registers(25), reserves(30, "b")]],
    ["a place whose lease may be over", "D4", [...full, completes(10_020, "a", "unknown")]],
    ["a place of a node that registered again", "D4", [...full, registers(15), completes(20, "a", "unknown")]],
    ["a place of a node that may have expired", "D4", [...full, completes(1_700, "a", "unknown")]],
    [
      "places after the store may have lost its data",
      "J2",
      [...full, ...faultFrom(15, 16, { name: "redis_restart", instance: null, link: "server" }), reserves(20, "b")],
    ],
    [
      "a reserve that is answered under a fault on the way",
      "J3",
      [registers(0), ...faultFrom(5, 50), reserves(10, "a", "already")],
    ],
  ])("has nothing against %s", (_, property, history) => {
    expect(judged(property, ...history).found).toEqual([]);
  });

  const unanswered = { outcome: "info", reply: "deadline" } as const;
  const dispatches = (from: number, job: string, given: Partial<Call> = {}) =>
    of("dispatch", { from, job, reply: "reserved", ...given });
  const jobs = (...history: readonly HistoryEvent[]) => judged("J4", registers(0), ...history).found.length;

  it("counts a job that was refused among none that may have a place", () => {
    const free = [reserves(10, "a"), reserves(20, "b", "full"), completes(30, "a")];
    expect(jobs(...free, reserves(40, "c", "full"))).toBe(1);
    const failed = reserves(20, "b", "readonly", { outcome: "fail" });
    expect(jobs(reserves(10, "a"), failed, completes(30, "a"), reserves(40, "c", "full"))).toBe(1);
    // An attempt before it may still give it a place, or one beside it has.
    expect(jobs(reserves(10, "b", "x", unanswered), reserves(20, "b", "full"), reserves(40, "c", "full"))).toBe(0);
    const beside = [reserves(10, "b", "reserved", { to: 15 }), reserves(11, "b", "full", { to: 20 })];
    expect(jobs(...beside, reserves(40, "c", "full"))).toBe(0);
  });

  it("counts a job whose reserve had no answer until it was completed, and again where that is forgotten", () => {
    const open = [reserves(10, "a", "x", unanswered), reserves(20, "a", "already")];
    expect(jobs(...open, reserves(40, "c", "full"))).toBe(0);
    expect(jobs(...open, completes(30, "a"), reserves(40, "c", "full"))).toBe(1);
    expect(
      jobs(...open, of("release_job", { from: 30, job: "a", reply: "completed" }), reserves(40, "c", "full")),
    ).toBe(0);
    const forgetful = { ...terms, doneFor: 5 };
    const late = [registers(0), ...open, completes(30, "a"), reserves(40, "c", "full")];
    const make = clientJudges.J4;
    expect(make && judgeRecorded(make, trialOf({ history: late, terms: forgetful })).violations).toEqual([]);
  });

  it("counts no jobs that a node has lost by its goodbye or its next registration", () => {
    const left = of("offline_node", { from: 20, reply: "offline" });
    const back = registers(30, { incarnation: "e1:30" });
    expect(jobs(reserves(10, "a"), left, back, reserves(40, "c", "full"))).toBe(1);
    expect(jobs(reserves(10, "a"), back, reserves(40, "c", "full"))).toBe(1);
    // Jobs that were reserved while it registered may belong to the new incarnation.
    const slow = { ...back, to: 36 };
    expect(jobs(reserves(32, "a"), slow, reserves(40, "c", "full"))).toBe(0);
    expect(jobs(dispatches(15, "a", { to: 34 }), slow, reserves(40, "c", "full"))).toBe(0);
    expect(jobs(reserves(15, "a", "reserved", { to: 34 }), slow, reserves(40, "c", "full"))).toBe(0);
  });

  it("counts a job whose dispatch had no answer on the node that was asked last", () => {
    const elsewhere = dispatches(10, "a", { ...unanswered, node: "n2" });
    expect(jobs(elsewhere, reserves(40, "c", "full"))).toBe(1);
    expect(jobs(dispatches(10, "a", unanswered), reserves(40, "c", "full"))).toBe(0);
    expect(jobs(dispatches(10, "a", { ...unanswered, node: "" }), reserves(40, "c", "full"))).toBe(0);
  });

  it("is not shaken by a fault that leaves the store as it was", () => {
    const slow = faultFrom(15, 16, { name: "redis_latency" });
    expect(judged("J2", ...full, ...slow, reserves(20, "b")).verdict).toBe("violated");
  });
});

describe("what clients know of a node", () => {
  it("holds heartbeats to their order and their incarnation", () => {
    expect(judged("N1", registers(0), beats(10, 2), beats(20, 3))).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged("N1", registers(0), beats(10, 2), beats(20, 1)).found[0]).toContain("allowed already or stale");
    // Both were in flight, and the answer to the later one came first.
    expect(judged("N1", registers(0), { ...beats(10, 1), to: 30 }, beats(11, 2), beats(40, 3)).found).toEqual([]);
    const again = [registers(0), beats(10, 1), registers(20), beats(30, 2)];
    expect(judged("N1", ...again).found[0]).toContain("allowed superseded");
  });

  it("begins an incarnation anew whose name is given again after the store may have lost its data", () => {
    const restart = faultFrom(15, 16, { name: "redis_restart", instance: null, link: "server" });
    const lost = [registers(0), ...restart, registers(20)];
    expect(judged("N1", ...lost, registers(30, { incarnation: "e1:0" }), beats(40, 1)).found).toEqual([]);
    expect(judged("N1", ...lost, beats(40, 1)).found[0]).toContain("allowed superseded");
  });

  it("knows that it is online while its heartbeats are acknowledged", () => {
    const gone = beats(200, 2, "e1:0", "not_online");
    expect(judged("N4", registers(0), beats(10, 1), gone).found[0]).toContain("allowed online until 1610 ms");
    expect(judged("N4", registers(0), beats(10, 1), { ...gone, from: 1_700, to: 1_701 }).found).toEqual([]);
    const left = of("offline_node", { from: 100, reply: "offline" });
    expect(judged("N4", registers(0), beats(10, 1), left, gone).found).toEqual([]);
    const unsure = crossed("", "answered last");
    expect(judged("N4", registers(0), ...unsure, { ...gone, incarnation: "e1:105" }).found).toEqual([]);
  });
});

/** It is open which of them took effect last. */
const crossed = (goodbye: string, registration: string): readonly HistoryEvent[] => [
  of("offline_node", { from: 100, to: goodbye === "answered last" ? 130 : 110, reply: "offline" }),
  registers(105, { to: registration === "answered last" ? 130 : 110, incarnation: "e1:105" }),
];

describe("what is shown of a node", () => {
  const shown = (given: Partial<ReturnType<typeof node>> = {}) =>
    node(1, { ...offer, incarnation: "e1:0", current_jobs: 0, ...given });
  const asked = { source: "en", target: "de", services: [], count: 1 };
  const selects = (from: number, given: Partial<Call> = {}) =>
    call({ op: "select_nodes", from, to: from + 1, reply: "normal", asked, selected: [shown()], ...given });

  it.each<readonly [string, PropertyId, Call, string]>([
    [
      "what was never offered",
      "V2",
      selects(10, { selected: [shown({ max_jobs: 7 })] }),
      "what no registration of it offered",
    ],
    [
      "an incarnation that never began",
      "V2",
      selects(10, { selected: [shown({ incarnation: "e1:9" })] }),
      "incarnation e1:9",
    ],
    [
      "a node that no client registered",
      "V2",
      selects(10, { selected: [shown({ node: "n9" })] }),
      "no client registered it",
    ],
    [
      "the offer of another incarnation",
      "V2",
      selects(10, { selected: [shown({ incarnation: "e1:-5", max_jobs: 1 })] }),
      "incarnation e1:-5 and the offer of another one",
    ],
    ["less than no job", "V2", selects(10, { selected: [shown({ current_jobs: -1 })] }), "current_jobs -1"],
    ["a node twice", "S1", selects(10, { selected: [shown(), shown()] }), "twice, allowed once"],
    [
      "a node that does not serve the pair",
      "S1",
      selects(10, { asked: { ...asked, target: "fr" } }),
      "allowed one that offers",
    ],
  ])("contradicts %s", (_, property, selection, words) => {
    const former = registers(-5, { offer: { ...offer, max_jobs: 3 } });
    expect(judged(property, former, registers(0), selection).found.join("; ")).toContain(words);
  });

  it("contradicts an instance that goes back to a former incarnation, whatever version it gives it", () => {
    const showsOf = (from: number, began: number, given: Partial<Call> = {}) =>
      selects(from, {
        selected: [shown({ incarnation: `e1:${began}`, version: { epoch: "e1", sequence: from } })],
        ...given,
      });
    const registrations = [registers(0), registers(20)];
    const found = judged("V2", ...registrations, showsOf(30, 20), showsOf(40, 0)).found;
    expect(found[0]).toContain("incarnation e1:0, allowed e1:20, which was registered later");
    expect(judged("V2", ...registrations, showsOf(30, 0), showsOf(40, 20)).found).toEqual([]);
    expect(judged("V2", ...registrations, showsOf(30, 20), showsOf(40, 0, { instance: 1 })).found).toEqual([]);
    // Both were in flight.
    expect(judged("V2", ...registrations, showsOf(30, 20, { to: 50 }), showsOf(40, 0, { to: 60 })).found).toEqual([]);
    const restart = faultFrom(35, 36, { name: "redis_restart", instance: null, link: "server" });
    expect(judged("V2", ...registrations, showsOf(30, 20), ...restart, showsOf(40, 0)).found).toEqual([]);
  });

  it("takes either offer of an incarnation whose name the system gave twice", () => {
    const again = [registers(0), registers(20, { incarnation: "e1:0", offer: { ...offer, max_jobs: 3 } })];
    for (const max_jobs of [1, 3])
      expect(judged("V2", ...again, selects(30, { selected: [shown({ max_jobs })] })).found).toEqual([]);
  });

  it("compares versions only where one is shown twice", () => {
    const other = selects(20, { selected: [shown({ version: { epoch: "e1", sequence: 2 } })] });
    expect(judged("V1", registers(0), selects(10), other).verdict).toBe("not_exercised");
    expect(judged("V1", registers(0), selects(10), selects(20))).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("contradicts two contents of one version", () => {
    const found = judged(
      "V1",
      registers(0),
      selects(10),
      selects(20, { selected: [shown({ current_jobs: 1 })] }),
    ).found;
    expect(found[0]).toContain("current_jobs 1 instead of 0, allowed as it was shown before");
  });

  it("contradicts a node that is selected long after its acknowledged goodbye", () => {
    const left = of("offline_node", { from: 100, reply: "offline" });
    expect(judged("N2", registers(0), left, selects(300)).found).toEqual([]);
    expect(judged("N2", registers(0), left, selects(500)).found[0]).toContain(
      "after its acknowledged goodbye, allowed 300 ms",
    );
    expect(judged("N2", registers(0), left, registers(450), selects(500)).found).toEqual([]);
    expect(judged("N2", registers(0), ...crossed("answered last", ""), selects(500)).found).toEqual([]);
  });

  it("contradicts a registered node that is not found", () => {
    const seen = { found: false, source: "miss", stale: false, age_ms: 1, mode: "normal", node: null } as const;
    const missing = (from: number, read = {}) => of("get_node", { from, reply: "missing", read: { ...seen, ...read } });
    const kept = Array.from({ length: 20 }, (_, index) => beats(100 + index * 100, index + 1));
    expect(judged("N3", registers(0), ...kept, missing(2_000)).found[0]).toContain("was not found");
    expect(judged("N3", registers(0), ...kept, missing(1_000)).found).toEqual([]);
    // A degraded instance does not deny a node that it does not know, and it has time to learn it after its return.
    expect(judged("N3", registers(0), ...kept, missing(2_000, { mode: "l2_only" })).found).toEqual([]);
    const away = [mode(50, "normal", "l2_only"), mode(1_500, "l2_only", "normal")];
    expect(judged("N3", registers(0), ...kept, ...away, missing(2_000)).found).toEqual([]);
    const early = [mode(50, "normal", "l2_only"), mode(200, "l2_only", "normal")];
    expect(judged("N3", registers(0), ...kept, ...early, missing(2_000)).found).toHaveLength(1);
  });
});

describe("a judge that sees nothing but clients", () => {
  it.each(Object.keys(clientJudges) as PropertyId[])("does not say that %s held without any call", (property) => {
    expect(judged(property)).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });
});
