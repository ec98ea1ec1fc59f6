/** The rules about answers that show nodes, each broken by a history and kept by the correct one of the same size beside it. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, NodeContent, ReadAnswer } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, mode, node, phase, stall, trialOf } from "../../check/trials.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const terms = { lease: 10_000, doneMax: 100, doneFor: 100_000, heartbeatTtl: 500, sweepInterval: 50 };
type Given = Partial<Call>;

const of = (op: Call["op"], from: number, given: Given = {}): Call =>
  call({ node: "n1", op, from, to: from + 1, reply: "ok", ...given });
const registers = (from: number, given: Given = {}) =>
  of("register_node", from, { incarnation: `e1:${from}`, offer, reply: "registered", ...given });
const reserves = (from: number, job: string, given: Given = {}) =>
  of("reserve_job", from, { job, reply: "reserved", ...given });
const beats = (until: number) =>
  Array.from({ length: until / 100 }, (_, index) =>
    of("heartbeat", 50 + index * 100, { seq: index + 1, incarnation: "e1:0", reply: "renewed", running: [] }),
  );
const shown = (given: Partial<ReturnType<typeof node>> = {}) =>
  node(1, { ...offer, incarnation: "e1:0", current_jobs: 0, ...given });
/** Without an end that the system has made itself, it is not known that it heeds its settings. */
const heeds = [
  registers(-700, { node: "n2", incarnation: "e1:2", offer: { ...offer, pools: ["other"] } }),
  of("reserve_job", -5, { node: "n2", job: "z", reply: "not_online" }),
];
const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 };
const selects = (from: number, selected = [shown()], given: Given = {}) =>
  call({ op: "select_nodes", from, to: from + 1, reply: "normal", asked, selected, ...given });
const reads = (from: number, read: Partial<ReadAnswer>, given: Given = {}) => {
  const answer = { found: true, source: "l2", stale: false, age_ms: 5, mode: "normal", node: shown() } as const;
  return of("get_node", from, { reply: "found", read: { ...answer, ...read }, ...given });
};

function judged(property: PropertyId, ...history: readonly HistoryEvent[]): Judgement {
  const make = clientJudges[property];
  if (make === undefined) throw new RangeError(`no judge of ${property}`);
  const sorted = [...heeds, ...history].toSorted((a, b) => timeOf(a) - timeOf(b));
  return judgeRecorded(make, trialOf({ history: sorted, terms }));
}

function found(property: PropertyId, ...history: readonly HistoryEvent[]): string {
  const { violations } = judged(property, ...history);
  return violations.map(([first = ""]) => first).join("; ");
}

const timeOf = (event: HistoryEvent): number => (event.kind === "call" ? event.from : "at" in event ? event.at : 0);

describe("a selected node", () => {
  it.each(["offline", "expired"] as const)("is not shown as %s", (status) => {
    expect(found("S1", registers(0), selects(10, [shown({ status })]))).toContain(`shown as ${status}, allowed online`);
  });

  it("is not shown without room", () => {
    expect(found("S1", registers(0), selects(10, [shown({ current_jobs: 2 })]))).toContain("with 2 of 2 jobs");
    expect(found("S1", registers(0), selects(10, [shown({ current_jobs: 1 })]))).toBe("");
  });

  it("has not been full for longer than the staleness bound, whatever is shown of it", () => {
    const full = [registers(0), ...beats(1_000), reserves(10, "a"), reserves(20, "b")];
    expect(found("S1", ...full, selects(500))).toContain("certainly had 2 of 2 jobs for longer than 300 ms");
    expect(found("S1", ...full, selects(300))).toBe("");
    expect(found("S1", ...full, of("complete_job", 400, { job: "a", reply: "completed" }), selects(500))).toBe("");
    expect(found("S1", ...full, ...faultFrom(100, 250), selects(500))).toBe("");
    expect(found("S1", ...full, mode(300, "normal", "l2_only"), mode(310, "l2_only", "normal"), selects(500))).toBe("");
    expect(found("S1", ...full, stall(250, 200), selects(500))).toBe("");
    expect(found("S1", ...full, stall(300, 20), selects(500))).not.toBe("");
  });

  it("has to suit by its last registration, for longer than the staleness bound", () => {
    const again = registers(100, { incarnation: "e1:100", offer: { ...offer, pools: ["other"] } });
    const kept = Array.from({ length: 5 }, (_, index) => ({ ...beats(600)[index], incarnation: "e1:100" }) as Call);
    expect(found("S1", registers(0), again, ...kept, selects(500))).toContain("allowed one that offers");
    expect(found("S1", registers(0), again, ...kept, selects(300))).toBe("");
    expect(found("S1", registers(0), again, ...kept, ...faultFrom(200, 300), selects(500))).toBe("");
  });

  it("is not the worse of two more often than chance makes it", () => {
    const [better, worse] = [shown({ health_milli: 900 }), shown({ node: "n3", health_milli: 400 })];
    const [empty, half] = [shown({ node: "n4" }), shown({ node: "n5", current_jobs: 1 })];
    const rounds = (...orders: readonly (readonly NodeContent[])[]) =>
      found("S3", ...Array.from({ length: 400 }, (_, nth) => selects(nth, [...(orders[nth % orders.length] ?? [])])));
    expect(rounds([worse, better])).toContain("differ by health alone, 400 were selected with the worse one first");
    expect(rounds([half, empty])).toContain("differ by load alone");
    expect(rounds([worse, better], [better, worse])).toContain("by health alone"); // both are drawn: the worse one has no chance
    const others = [...Array(4)].map((_, nth) => registers(-10, { node: `m${nth}`, incarnation: `e1:m${nth}` }));
    const of2 = Array.from({ length: 400 }, (_, nth) =>
      selects(nth, nth % 2 ? [worse, better] : [better, worse], { asked: { ...asked, count: 2 } }),
    );
    expect(found("S3", ...others, ...of2)).toBe("");
    const few = Array.from({ length: 12 }, (_, nth) => selects(nth, [worse, better]));
    expect(found("S3", ...few)).toBe("");
    expect(rounds([half, better])).toContain("by health or load");
  });

  it("is not past its time for longer than a sweep and the staleness bound", () => {
    const left = of("offline_node", 100, { reply: "offline" });
    // It lasts for 600 ms at most. After the start nothing is due for a TTL, and then it may take 1,200 ms until it is swept.
    expect(found("N2", registers(0), selects(2_500))).toContain("after the end of its time, allowed 300 ms");
    expect(found("N2", registers(0), selects(2_000))).toBe("");
    expect(found("N2", registers(0), ...beats(2_000), selects(2_500))).toBe("");
    // A gap in the sweeps gives every node its time again.
    expect(found("N2", registers(0), ...faultFrom(500, 1_000), selects(2_500))).toBe("");
    expect(found("N2", registers(0), stall(1_800, 450), selects(2_500))).toBe("");
    // The machine may have kept the instance from hearing of it.
    expect(judged("N2", registers(0), left, stall(150, 300), selects(500)).verdict).toBe("unknown");
    expect(judged("N2", registers(0), left, stall(150, 20), selects(500)).verdict).toBe("violated");
    const make = clientJudges.N2;
    const unheeding = trialOf({ history: [registers(0), selects(2_500)], terms });
    expect(make && judgeRecorded(make, unheeding)).toMatchObject({ verdict: "not_exercised", violations: [] });
    // A heartbeat without an answer may renew it yet.
    const open = of("heartbeat", 100, { seq: 1, incarnation: "e1:0", outcome: "info", reply: "deadline" });
    expect(found("N2", registers(0), open, selects(2_500))).toBe("");
  });
});

describe("a node that is past its time", () => {
  const place = (from: number) => reserves(from, "a");
  /** It ends leases, and no node. */
  const lapse = [
    registers(0, { node: "n5", incarnation: "e1:5" }),
    reserves(10, "z", { node: "n5", lease: 100 }),
    of("release_job", 200, { node: "n5", job: "z", reply: "unknown" }),
  ];
  const ofN4 = (...history: readonly HistoryEvent[]) => {
    const sorted = [registers(0), ...lapse, ...history].toSorted((a, b) => timeOf(a) - timeOf(b));
    return clientJudges.N4 && judgeRecorded(clientJudges.N4, trialOf({ history: sorted, terms })).violations;
  };

  it("gives no place after a sweep, in a system that ends leases in time", () => {
    expect(ofN4(place(2_500))?.[0]?.[0]).toContain("allowed not_online: its time was over at 601 ms");
    expect(ofN4(place(1_500))).toEqual([]);
    expect(ofN4(...beats(2_000), place(2_500))).toEqual([]);
  });

  it("may be there for longer where the system sweeps seldom", () => {
    const slow = [registers(0), place(2_500)];
    const ended = reserves(2_600, "b", { reply: "not_online" });
    for (const property of ["N2", "N4"] as const) expect(found(property, ...slow, ended, selects(2_700))).toBe("");
  });
});

describe("a node that suits and has room", () => {
  const kept = [registers(0), ...beats(2_500)];
  const none = (from: number, given: Given = {}) => selects(from, [], given);
  const knows = reads(1_000, { node: shown({ version: { epoch: "e1", sequence: 1 } }) });

  it("is found by its instance in time; a machine that keeps the instance waiting leaves that open", () => {
    const missing = reads(2_000, { found: false, node: null });
    const slow = Array.from({ length: 14 }, (_, nth) => stall(600 + nth * 100, 80));
    const verdictOf = (...more: readonly HistoryEvent[]) => judged("N3", ...kept, ...more).verdict;
    expect(found("N3", ...kept, missing)).toContain("node n1 was not found");
    expect(verdictOf(selects(400), reads(1_900, {}), missing)).toBe("violated");
    // A lookup from before the registration may have been answered late, and have left a mark.
    expect(verdictOf(...slow, selects(400), reads(1_900, {}), missing)).toBe("unknown");
    expect(verdictOf(...slow, reads(1_900, {}))).toBe("held");
  });

  it("is left out by no selection with room for more", () => {
    expect(found("N3", ...kept, none(2_000))).toContain("left out node n1, allowed one that shows it");
    expect(found("N3", ...kept, knows, none(2_000))).toBe("");
    expect(found("S2", ...kept, knows, none(2_000))).toContain("left out node n1");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["shows it", [selects(2_000)]],
    ["has no room for more", [none(2_000, { asked: { ...asked, count: 0 } })]],
    ["asks for another pair", [none(2_000, { asked: { ...asked, target: "fr" } })]],
    ["leaves the pool to the configuration", [none(2_000, { asked: { ...asked, pool: undefined } as never })]],
    ["is degraded", [none(2_000, { reply: "l2_only" })]],
    ["is soon after a fault", [...faultFrom(1_400, 1_500), none(2_000)]],
    ["finds the node perhaps full", [reserves(1_000, "a"), reserves(1_010, "b"), none(2_000)]],
    [
      "finds the node full a moment before",
      [...[reserves(1_000, "a"), reserves(1_010, "b")], ended(1_900), none(2_000)],
    ],
    ["comes while a dispatch may place jobs", [...dispatching(1_900), none(2_000)]],
    ["comes soon after its next registration", [registers(1_900), none(2_000)]],
    ["comes after its time", [none(3_300)]],
  ])("may be left out by one that %s", (_, history) => {
    for (const property of ["N3", "S2"] as const) expect(found(property, ...kept, ...history)).toBe("");
  });

  it("is seen to be left out on a machine that pauses, unless that may have kept the instance from knowing of its room", () => {
    const freed = [...kept, knows, reserves(1_010, "a"), reserves(1_020, "b"), ended(1_600), none(2_000)];
    expect(found("S2", ...freed, stall(1_900, 50))).toContain("left out node n1");
    expect(found("S2", ...freed, stall(1_650, 300))).toBe("");
  });

  it("is compared in every selection that has to show it", () => {
    const make = clientJudges.S2;
    const history = [...kept, selects(2_000), selects(2_100)];
    const judged =
      make && judgeRecorded(make, trialOf({ history: history.toSorted((a, b) => a.from - b.from), terms }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
  });
});

function ended(from: number): Call {
  return of("complete_job", from, { job: "a", reply: "completed" });
}

function dispatching(from: number): readonly Call[] {
  return ["x", "y"].map((job) => call({ op: "dispatch", job, from, to: 2_050, reply: "no_node", asked }));
}

describe("a read", () => {
  const version = (sequence: number) => ({ epoch: "e1", sequence });

  it("does not go back behind what its instance has shown", () => {
    const [newer, older] = [{ node: shown({ version: version(5) }) }, { node: shown({ version: version(4) }) }];
    expect(found("V2", registers(0), reads(10, newer), reads(20, older))).toContain(
      "version e1:4, allowed e1:5 or later",
    );
    expect(found("V2", registers(0), selects(10, [newer.node]), reads(20, older))).toContain("allowed e1:5 or later");
    expect(found("V2", registers(0), reads(10, newer), reads(20, older, { instance: 1 }))).toBe("");
    expect(found("V2", registers(0), reads(10, newer, { to: 30 }), reads(20, older, { to: 40 }))).toBe("");
    const other = { node: shown({ version: { epoch: "e2", sequence: 1 } }) };
    expect(found("V2", registers(0), reads(10, newer), reads(20, other))).toBe("");
  });

  it("may go back behind what its instance has shown of a store that has lost its data since", () => {
    const restart = faultFrom(100, 110, { name: "redis_restart", instance: null, link: "server" });
    const of5 = (from: number, age_ms: number) => reads(from, { node: shown({ version: version(5) }), age_ms });
    const of4 = (from: number, age_ms = 5) => reads(from, { node: shown({ version: version(4) }), age_ms });
    const lossThen = (...history: readonly HistoryEvent[]) => found("V2", registers(0), ...restart, ...history);
    expect(lossThen(of5(90, 5), of4(130))).toBe("");
    // The instance has not noticed yet.
    expect(lossThen(of5(120, 40), of4(130))).toBe("");
    expect(lossThen(selects(120, [shown({ version: version(5) })]), of4(130))).toBe("");
    expect(lossThen(of5(120, 5), of4(130))).toContain("version e1:4, allowed e1:5 or later");
    // It counts what it has shown since.
    expect(lossThen(of5(120, 40), of4(130), reads(140, { node: shown({ version: version(3) }) }))).toContain(
      "version e1:3, allowed e1:4 or later",
    );
  });

  it("shows a content that the node had at some moment since its age", () => {
    const left = of("offline_node", 100, { reply: "offline" });
    expect(found("V2", registers(0), left, reads(200, { age_ms: 50 }))).toContain("status online of 50 ms before");
    expect(found("V2", registers(0), left, reads(200, { age_ms: 120 }))).toBe("");
    const gone = { node: shown({ status: "expired" }) };
    expect(found("V2", registers(0), reads(200, { ...gone, age_ms: 50 }))).toContain("allowed online since");
    expect(found("V2", registers(0), reads(200, { ...gone, age_ms: 250 }))).toBe("");
  });

  it("shows no node that the store has lost, and that no client has registered since", () => {
    const restart = faultFrom(100, 110, { name: "redis_restart", instance: null, link: "server" });
    const missed = (from: number, given: Given = {}) =>
      reserves(from, `job-${from}`, { reply: "not_online", ...given });
    const lost = (...history: readonly HistoryEvent[]) =>
      found("V2", registers(0, { incarnation: "e1:0" }), ...restart, missed(120), ...history);
    const kept = (from: number) => reads(from, { age_ms: 5 });
    expect(lost(kept(150), missed(160))).toContain("answered not_online at 121 ms, and again by reserve_job at 160 ms");
    expect(lost(kept(150))).toBe(""); // an instance may have restored it
    expect(lost(kept(150), reserves(155, "b"), missed(160))).toBe("");
    expect(lost(reads(150, { age_ms: 40 }), missed(160))).toBe("");
    expect(lost(registers(130), kept(150), missed(160))).toBe("");
    expect(lost(registers(130, { outcome: "info", reply: "deadline" }), kept(150), missed(160))).toBe("");
    expect(
      lost(kept(150), ...faultFrom(152, 153, { name: "redis_restart", instance: null, link: "server" }), missed(160)),
    ).toBe("");
    expect(lost(reads(150, { found: false, node: null }), missed(160))).toBe("");
    // At the end of its time it has gone in order, and an instance may learn that from another clock.
    expect(lost(kept(350), missed(450))).toBe("");
    const selected = (at: number) => found("N2", registers(0), ...restart, missed(120), selects(at), missed(at + 5));
    expect(selected(300)).toBe("");
    expect(found("N2", registers(0), ...beats(300), ...restart, missed(320), selects(630), missed(640))).toContain(
      "after it was answered to be gone, allowed 300 ms",
    );
    const late = [...beats(300), ...restart, missed(320), stall(330, 290), selects(630), missed(640)];
    expect(judged("N2", registers(0), ...late).verdict).toBe("unknown");
  });

  it("counts the jobs that certainly had places since its age, and no others", () => {
    const busy = [registers(0), reserves(50, "a")];
    expect(found("V2", ...busy, reads(200, { age_ms: 50 }))).toContain(
      "current_jobs 0 of 50 ms before, allowed 1 or more",
    );
    expect(found("V2", ...busy, reads(200, { age_ms: 180 }))).toBe("");
    const one = { node: shown({ current_jobs: 1 }) };
    expect(found("V2", ...busy, reads(200, { ...one, age_ms: 50 }))).toBe("");
    const free = [...busy, of("complete_job", 100, { job: "a", reply: "completed" })];
    expect(found("V2", ...free, reads(200, { ...one, age_ms: 50 }))).toContain("allowed 0 or less");
    expect(found("V2", ...free, reads(200, { ...one, age_ms: 120 }))).toBe("");
    expect(found("V2", ...free, ...dispatching(190), reads(200, { ...one, age_ms: 50 }))).toBe("");
  });

  it("says how old it is while its instance is cut off, and that it is stale", () => {
    const cut = (name: string) => faultFrom(100, 1_000, { name });
    const silent = (read: Partial<ReadAnswer>, name = "redis_blackhole") =>
      found("V2", registers(0), ...cut(name), reads(500, { stale: true, mode: "l2_only", age_ms: 410, ...read }));
    const longSilent = (read: Partial<ReadAnswer>) =>
      found(
        "V2",
        registers(0),
        ...faultFrom(100, 3_000, { name: "redis_blackhole" }),
        reads(2_000, { stale: true, mode: "l2_only", age_ms: 1_910, ...read }),
      );
    expect(silent({})).toBe("");
    expect(silent({ age_ms: 0 })).toContain("with age_ms 0 ms, allowed 400 ms or more");
    expect(found("D5", registers(0), ...cut("redis_blackhole"), reads(500, { mode: "l2_only", age_ms: 0 }))).toContain(
      "with age_ms 0 ms",
    );
    expect(silent({ stale: false })).toContain("as not stale, allowed stale from 100 ms on");
    // L1 and a miss count as confirmed for their TTL, by the settings.
    const [l1, miss] = [
      { source: "l1", stale: false },
      { source: "miss", stale: false },
    ] as const;
    expect(silent(l1)).toBe("");
    expect(silent({ ...miss, found: false, node: null })).toBe("");
    expect(longSilent(l1)).toContain("as not stale, allowed stale from 1250 ms on");
    // Answers are slow then, and come.
    expect(silent({ age_ms: 210, stale: false }, "redis_latency")).toBe("");
    expect(found("V2", registers(0), ...cut("redis_blackhole"), reads(150, { age_ms: 60 }))).toBe("");
    expect(found("V2", registers(0), ...cut("redis_blackhole"), reads(1_100, { age_ms: 10 }))).toBe("");
  });
});

describe("instances at rest", () => {
  const rest = [phase("healed", 3_000), phase("quiet", 3_000)];
  const looks = (instance: number, shows: NodeContent, to = 4_000, from = 3_010): readonly HistoryEvent[] =>
    Array.from({ length: (to - from) / 20 }, (_, nth) => {
      return { kind: "sample", at: from + nth * 20, instance, mode: "normal", views: [null], nodes: [shows] } as const;
    });
  const judged = (...history: readonly HistoryEvent[]) => {
    const own = [registers(0), ...beats(3_000), ...history].toSorted((a, b) => timeOf(a) - timeOf(b));
    const make = clientJudges.V3;
    if (make === undefined) throw new RangeError("no judge of V3");
    const { verdict, violations } = judgeRecorded(make, trialOf({ history: own, terms, instances: 2 }));
    return { verdict, found: violations.map(([first = ""]) => first).join("; ") };
  };
  const [none, one] = [shown(), shown({ current_jobs: 1 })];

  it("show the same", () => {
    expect(judged(...rest, ...looks(0, none), ...looks(1, one)).found).toContain("went on showing node n1 differently");
    expect(judged(...rest, ...looks(0, none), ...looks(1, none))).toEqual({ verdict: "held", found: "" });
    expect(judged(...rest, ...looks(0, none, 3_300), ...looks(1, one, 3_300)).verdict).toBe("not_exercised");
    const late = [...looks(1, one, 3_300), ...looks(1, none, 4_000, 3_300)];
    expect(judged(...rest, ...looks(0, none), ...late).verdict).toBe("held");
    expect(judged(...rest, ...looks(0, none), ...looks(1, one), stall(3_100, 800)).found).toBe("");
  });

  it("show what clients know", () => {
    const left = of("offline_node", 2_950, { reply: "offline" });
    expect(judged(...rest, left, ...looks(0, none), ...looks(1, none)).found).toContain(
      "as online long after the load",
    );
    const gone = shown({ status: "offline" });
    expect(judged(...rest, left, ...looks(0, gone), ...looks(1, gone)).found).toBe("");
  });
});

describe("the versions of the answers to writes", () => {
  const at = (from: number, sequence: number, given: Given = {}) =>
    reserves(from, `job-${from}`, { version: { epoch: "e1", sequence }, ...given });

  it("grow with every change of a node", () => {
    expect(found("V1", registers(0), at(10, 3), at(20, 3))).toContain("in version e1:3, allowed 4 or more");
    expect(found("V1", registers(0), at(10, 3), at(20, 4))).toBe("");
    expect(found("V1", registers(0), at(10, 3, { to: 30 }), at(20, 2, { to: 40 }))).toBe("");
    expect(found("V1", registers(0), at(10, 3), at(20, 1, { version: { epoch: "e2", sequence: 1 } }))).toBe("");
    // A refusal changes nothing.
    expect(found("V1", registers(0), at(10, 3), at(20, 3, { reply: "full" }))).toBe("");
    expect(found("V1", registers(0), at(10, 3), at(20, 2, { reply: "full" }))).toContain("allowed 3 or more");
    const restart = faultFrom(15, 16, { name: "redis_restart", instance: null, link: "server" });
    expect(found("V1", registers(0), at(10, 3), ...restart, at(20, 1))).toBe("");
  });
});
