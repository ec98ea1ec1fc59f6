import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import {
  call,
  dump,
  entry,
  faultFrom,
  gone,
  job,
  node,
  read,
  registered,
  seenAt,
  storeCall,
  trialOf,
} from "../../check/trials.ts";
import { feed, judged } from "./recorded-feed.ts";

const version = (sequence: number, epoch = "e1") => ({ epoch, sequence });

/** Asked from `from` to `to`, answered at `sequence`. */
function answered(
  from: number,
  to: number,
  op: Call["op"],
  reply: string,
  sequence: number,
  parts: Partial<Call> = {},
): Call {
  return call({ op, node: "n1", from, to, reply, version: version(sequence), ...parts });
}

const open = (from: number, to: number | null, op: Call["op"], parts: Partial<Call> = {}): Call =>
  call({ op, node: "n1", from, to, outcome: "info", reply: "deadline", ...parts });

/** Tells that the load had begun by then. */
const begin = answered(1, 3, "heartbeat", "renewed", 1, { incarnation: "e1:1" });
const reserved = answered(10, 20, "reserve_job", "reserved", 2, { job: "a" });
const completed = answered(30, 40, "complete_job", "completed", 3, { job: "a" });
const again = answered(50, 60, "reserve_job", "reserved", 4, { job: "b" });
const good = [begin, reserved, completed, again];
const languages = [
  { source: "en", target: "de" },
  { source: "en", target: "zh" },
];
const offered = { max_jobs: 2, pools: ["p"], languages, services: [] };
const stored = { ...registered(), languages };
const beside = answered(11, 21, "reserve_job", "already", 2, { job: "a" });

describe("L1", () => {
  it("holds for calls in an order that their versions explain, and counts those that overlapped", () => {
    expect(judged([...good, beside])).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it.each(["reserved", "already", "finished"])(
    "is violated by a dispatch that was answered %s without a node",
    (reply) => {
      const dispatch = call({ op: "dispatch", job: "c", from: 62, to: 64, reply });
      expect(judged([...good, dispatch]).violations[0]?.[0]).toMatch(/allowed only with the node that it is about/);
      expect(judged([...good, { ...dispatch, reply: "no_node" }]).violations).toEqual([]);
      expect(judged([...good, { ...dispatch, outcome: "info", reply: "deadline" }]).violations).toEqual([]);
    },
  );

  it("is not exercised where nothing overlapped", () => {
    expect(judged(good)).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });

  const impossible: readonly (readonly [string, readonly Call[]])[] = [
    [
      "a reply of a state that was gone before it was asked for",
      [answered(46, 48, "reserve_job", "already", 2, { job: "a" })],
    ],
    ["a reply of what the observer had seen gone", [answered(26, 28, "release_job", "unknown", 1, { job: "a" })]],
    ["a reply that fits no state at its version", [answered(12, 22, "reserve_job", "full", 2, { job: "c" })]],
    ["a write that the feed does not show", [answered(12, 22, "reserve_job", "reserved", 3, { job: "c" })]],
    ["a write that another had made", [answered(13, 22, "reserve_job", "reserved", 2, { job: "a", instance: 1 })]],
    ["a completed job that is not finished", [answered(55, 70, "complete_job", "completed", 4, { job: "z" })]],
    ["a node said to be offline", [answered(55, 70, "heartbeat", "not_online", 4, { incarnation: "e1:1" })]],
    ["a former life taken for this one", [answered(55, 70, "heartbeat", "renewed", 4, { incarnation: "e1:0" })]],
    ["a read from Redis of what was", [read(56, 70, { read: fresh(2, 1, 10), version: version(4) })]],
    ["a node that is there, not found", [read(56, 64, { reply: "missing", read: missing(5) })]],
    ["a content that the node never had", [read(66, 70, { read: fresh(4, 2, 3) })]],
  ];
  it.each(impossible)("is violated by %s", (_, calls) => {
    expect(judged([...good, beside, ...calls]).verdict).toBe("violated");
  });

  it("does not say whether a node was there after the last look at the store", () => {
    const late = read(66, 70, { reply: "missing", read: missing(1) });
    expect(judged([...good, beside, late]).verdict).toBe("unknown");
  });

  it.each([
    ["as it was offered", {}, "held"],
    ["with its lists in another order", { languages: [...offered.languages].reverse() }, "held"],
    ["with more places", { max_jobs: 3 }, "violated"],
    ["without a pool", { pools: [] }, "violated"],
    ["with another pair", { languages: [{ source: "en", target: "fr" }] }, "violated"],
    ["with a service", { services: ["ocr"] }, "violated"],
  ])("holds a registration to the node that its client offered: stored %s", (_, parts, verdict) => {
    const asked = { incarnation: "e1:1", offer: { ...offered, ...parts } };
    const registering = answered(-10, -3, "register_node", "registered", 1, asked);
    const history = [registering, answered(-10, -2, "register_node", "already", 1, asked)];
    const observations = [seenAt(-15, dump(0, [])), seenAt(-4, entry(1, stored))];
    expect(judged(history, observations).verdict).toBe(verdict);
  });

  it("lets a read from Redis be as old as it says, and leaves what comes from a cache to V2", () => {
    expect(judged([...good, beside, read(56, 70, { read: fresh(2, 1, 45) })]).verdict).toBe("held");
    expect(judged([...good, beside, read(56, 70, { read: { ...fresh(2, 1, 3), source: "l2" } })]).verdict).toBe("held");
  });

  it("lets an unanswered write have happened, once, after it was asked for", () => {
    const withoutReserve = [begin, completed, again, beside];
    expect(judged([...withoutReserve, open(10, 20, "reserve_job", { job: "a" })]).verdict).toBe("held");
    expect(judged([...withoutReserve, open(10, null, "reserve_job", { job: "a" })]).verdict).toBe("held");
    expect(judged([...withoutReserve, open(44, null, "reserve_job", { job: "a" })]).verdict).toBe("violated");
    expect(judged([...withoutReserve, open(46, null, "reserve_job", { job: "a" })]).verdict).toBe("violated");
    expect(judged([...withoutReserve, open(10, 20, "reserve_job", { job: "c" })]).verdict).toBe("violated");
    expect(judged([...withoutReserve, open(10, 20, "complete_job", { job: "a" })]).verdict).toBe("violated");
  });

  it("is violated by a write that was said not to have happened, or that no call asked for", () => {
    const failed = call({
      op: "reserve_job",
      node: "n1",
      job: "a",
      from: 10,
      to: 20,
      outcome: "fail",
      reply: "refused",
    });
    const judgement = judged([begin, failed, completed, again, beside]);
    expect(judgement.verdict).toBe("violated");
    expect(judgement.violations[0]?.[0]).toBe(
      "change e1:2, reserved of job a on node n1, happened although no call for it was in flight: allowed is at most once for each that was sent",
    );
  });

  it("lets one unanswered call explain one change, and a call that was sent twice one more", () => {
    const twice = [
      ...feed,
      seenAt(66, entry(5, job("released", "b", 0))),
      seenAt(67, entry(6, job("reserved", "b", 1))),
    ];
    const released = answered(61, 64, "release_job", "completed", 5, { job: "b" });
    expect(judged([...good, beside, released], twice).verdict).toBe("violated");
    expect(judged([...good, beside, released, open(50, 90, "reserve_job", { job: "b" })], twice).verdict).toBe("held");
    const lost = storeCall(50, 55, { script: "reserve_job", outcome: "deadline" });
    const sentAgain = storeCall(55, 60, { script: "reserve_job" });
    expect(judged([...good, beside, released, lost, sentAgain], twice).verdict).toBe("held");
  });

  it.each([
    ["as many as the store remembers had been completed since", { doneMax: 1 }, true],
    ["fewer had been", { doneMax: 2 }, false],
    ["it had been completed longer ago than that is remembered, and another since", { doneFor: 30 }, true],
    ["it had not been so long, however late each was seen", { doneFor: 300 }, false],
  ] as const)("lets a finished job be reserved again where %s", (_, terms, isRight) => {
    const again = [
      ...feed,
      seenAt(75, entry(5, job("completed", "b", 0))),
      seenAt(85, entry(6, job("reserved", "a", 1))),
    ];
    const history = [
      ...[...good, beside, answered(70, 74, "complete_job", "completed", 5, { job: "b" })],
      answered(80, 84, "reserve_job", "reserved", 6, { job: "a" }),
    ];
    const trial = trialOf({ history, observations: again, terms });
    expect(judgeRecorded(judgeLinearizability, trial).violations.length === 0).toBe(isRight);
  });

  it("lets an unanswered call for an incarnation change that one, and one that names none the one that there is", () => {
    const went = [...feed, seenAt(75, entry(5, gone("offline")))];
    const offline = (parts: Partial<Call>) =>
      judged([...good, beside, open(70, 90, "offline_node", parts)], went).verdict;
    expect(offline({ incarnation: "e1:1" })).toBe("held");
    expect(offline({})).toBe("held");
    expect(offline({ incarnation: "e1:0" })).toBe("violated");
    const health = [...feed, seenAt(75, entry(5, { kind: "health", node: "n1", health_milli: 900 }))];
    const beat = (parts: Partial<Call>) => judged([...good, beside, open(70, 90, "heartbeat", parts)], health).verdict;
    expect(beat({})).toBe("held");
    expect(beat({ incarnation: "e1:0" })).toBe("violated");
  });

  it("is violated by a reply at a version that the store had gone on from before the call, by another node's change", () => {
    const on = [...feed, seenAt(75, entry(5, registered("n2", "e1:5")))];
    const other = answered(70, 78, "register_node", "registered", 5, { node: "n2", incarnation: "e1:5" });
    const at = (from: number) =>
      judged([...good, beside, other, answered(from, from + 9, "release_job", "unknown", 4, { job: "q" })], on);
    expect(at(75).verdict).toBe("held");
    expect(at(76).violations[0]?.join()).toContain("the store had gone on from that version by 75 ms");
  });

  it("knows a node again after changes that were not seen, once one shows all of it", () => {
    const hole = [
      ...feed.slice(0, 3),
      seenAt(65, entry(4, registered("n1", "e1:4"))),
      seenAt(75, entry(5, job("reserved", "c", 1))),
    ];
    const anew = [begin, reserved, beside, answered(60, 64, "register_node", "registered", 4, { incarnation: "e1:4" })];
    const taken = answered(70, 74, "reserve_job", "reserved", 5, { job: "c" });
    expect(judged([...anew, taken], hole).violations).toEqual([]);
    const full = answered(76, 80, "reserve_job", "full", 5, { job: "d" });
    expect(judged([...anew, taken, full], hole).verdict).toBe("violated");
  });

  it("knows that a dispatch may leave a place behind on a node that it went on from", () => {
    const elsewhere = answered(10, 60, "dispatch", "reserved", 2, { job: "a", node: "n2" });
    const other = [
      ...feed.slice(0, 2),
      seenAt(-3, entry(2, registered("n2", "e1:2"))),
      seenAt(25, entry(3, job("reserved", "a", 1))),
    ];
    const onward = seenAt(58, entry(4, { kind: "reserved", node: "n2", job: "a", current_jobs: 1 }));
    const dispatched = { ...elsewhere, version: version(4) };
    const early = answered(1, 3, "heartbeat", "renewed", 2, { incarnation: "e1:1" });
    const lost = storeCall(10, 40, { script: "reserve_job", outcome: "deadline" });
    const heard = storeCall(41, 59, { script: "reserve_job" });
    expect(judged([early, dispatched, lost, heard], [...other, onward]).verdict).not.toBe("violated");
    expect(judged([early, dispatched, lost], [...other, onward]).verdict).toBe("violated");
    expect(judged([early, dispatched], [...other, onward]).verdict).toBe("violated");
  });

  it.each([
    ["has been lost with its node", "before", 40, 0],
    ["is still there", "never", 40, 1],
    ["was lost only later", "later", 40, 1],
    ["was lost, though every request for it was answered in time", "before", 12, 1],
  ] as const)("knows whether a dispatch that found no node has made a place: one that %s", (_, lost, until, count) => {
    const asked = { op: "dispatch", reply: "no_node", job: "a", from: 10, to: 60 } as const;
    const request = storeCall(10, until, { script: "reserve_job" });
    const [from, sequence] = lost === "before" ? ([41, 3] as const) : ([886, 4] as const);
    const goes = answered(from, from + 3, "offline_node", "offline", sequence, { incarnation: "e1:1" });
    const other = answered(66, 69, "reserve_job", "reserved", 3, { job: "c" });
    const [beside, offline] = [entry(3, job("reserved", "c", 2)), entry(sequence, gone("offline"))];
    const seen = [
      ...(lost === "before" ? [] : [seenAt(70, beside)]),
      ...(lost === "never" ? [] : [seenAt(from + 4, offline)]),
    ];
    const calls = [...(lost === "before" ? [] : [other]), ...(lost === "never" ? [] : [goes])];
    expect(judged([begin, call(asked), request, ...calls], [...feed.slice(0, 3), ...seen]).violations).toHaveLength(
      count,
    );
  });

  it("is violated by a change that the state before it does not allow", () => {
    const over = [
      ...feed,
      seenAt(70, entry(5, job("reserved", "c", 2))),
      seenAt(71, entry(6, job("reserved", "d", 3))),
    ];
    const calls = [
      answered(66, 69, "reserve_job", "reserved", 5, { job: "c" }),
      answered(66, 70, "reserve_job", "reserved", 6, { job: "d" }),
    ];
    expect(judged([...good, ...calls], over).violations[0]?.[0]).toBe(
      "change e1:6, reserved of job d on node n1, cannot be: all 2 places are taken",
    );
  });

  it("goes back only where an epoch does, and never to an epoch that was left", () => {
    const next = [...feed, { ...dump(0, [], "e2"), at: 80 }, seenAt(95, entry(1, registered("n1", "e2:1"), "e2"))];
    const anew = call({
      ...answered(90, 94, "register_node", "registered", 1),
      version: version(1, "e2"),
      incarnation: "e2:1",
    });
    const gone1 = call({
      ...answered(85, 88, "heartbeat", "unknown_node", 0, { incarnation: "e1:1" }),
      version: version(0, "e2"),
    });
    expect(judged([...good, beside, gone1, anew], next).verdict).toBe("held");
    const late = answered(96, 99, "release_job", "unknown", 4, { job: "a", instance: 1 });
    expect(judged([...good, beside, gone1, anew, late], next).verdict).toBe("violated");
  });

  it("lets a server that was replaced answer others for a while, but no instance that had gone on", () => {
    const split = faultFrom(70, 99, { name: "redis_split_brain", instance: null, link: "server" });
    const next = [
      ...feed,
      { ...dump(0, [[node(4, { current_jobs: 1 }), ["b"]]], "e2"), at: 80 },
      seenAt(95, entry(1, gone("offline"), "e2")),
    ];
    const off = call({ ...answered(90, 94, "offline_node", "offline", 1), version: version(1, "e2") });
    const behind = (instance: number) => answered(96, 99, "reserve_job", "already", 4, { job: "b", instance });
    expect(judged([...split, ...good, beside, off, behind(1)], next).verdict).toBe("held");
    expect(judged([...split, ...good, beside, off, behind(0)], next).verdict).toBe("violated");
    expect(judged([...good, beside, off, behind(1)], next).verdict).toBe("violated");
  });

  it("knows what a node was from the first look at an epoch on, though its changes had begun before", () => {
    const shown = node(2, { version: version(2, "e2"), current_jobs: 1 });
    const next = [
      ...feed,
      seenAt(80, entry(1, job("completed", "b", 0), "e2")),
      seenAt(80, entry(2, job("reserved", "c", 1), "e2")),
      { ...dump(2, [[shown, ["c"]]], "e2"), at: 80 },
      seenAt(95, entry(3, job("reserved", "d", 2), "e2")),
    ];
    const at = (from: number, op: Call["op"], reply: string, sequence: number, id: string) =>
      call({ ...answered(from, from + 4, op, reply, sequence, { job: id }), version: version(sequence, "e2") });
    const before = [
      at(70, "complete_job", "completed", 1, "b"),
      at(75, "reserve_job", "reserved", 2, "c"),
      at(90, "reserve_job", "reserved", 3, "d"),
    ];
    const l1 = (...calls: readonly Call[]) => judged([...good, beside, ...before, ...calls], next);
    expect(l1(at(95, "reserve_job", "full", 3, "e"), at(96, "reserve_job", "finished", 3, "b"))).toMatchObject({
      verdict: "held",
      measures: [
        { name: "calls_judged", value: 10 },
        { name: "calls_unanswered", value: 0 },
        { name: "configurations_judged", value: 0 },
      ],
    });
    expect(l1(at(95, "reserve_job", "already", 3, "c")).verdict).toBe("held");
    expect(l1(at(95, "reserve_job", "already", 3, "b")).verdict).toBe("violated");
    expect(l1(at(95, "reserve_job", "finished", 3, "c")).verdict).toBe("violated");
  });

  it("says nothing of versions that were not seen", () => {
    const hole = feed.filter((one) => one.kind === "dump" || one.sequence !== 3);
    expect(judged([...good, beside], hole)).toMatchObject({
      verdict: "unknown",
      measures: expect.arrayContaining([{ name: "unseen_percent", value: 20 }]),
    });
    const beyond = answered(70, 80, "reserve_job", "full", 9, { job: "c" });
    expect(judged([...good, beside, beyond])).toMatchObject({ verdict: "unknown" });
  });

  it("names the first impossible call, what the node was, and what was in flight", () => {
    const late = answered(46, 48, "reserve_job", "already", 2, { job: "a" });
    const message = judged([...good, beside, late, open(44, 60, "release_job", { job: "q" })]).violations[0] ?? [];
    expect(message[0]).toContain(
      "reserve_job of job a on node n1 by instance 0 from 46 ms to 48 ms was answered already at e1:2",
    );
    expect(message.join("\n")).toContain("jobs {a} of 2");
    expect(message.join("\n")).toContain(
      "before it began there had been complete_job of job a on node n1 by instance 0 from 30 ms to 40 ms",
    );
    expect(message.at(-1)).toContain("release_job of job q");
  });
});

function fresh(sequence: number, current_jobs: number, age_ms: number) {
  return { found: true, source: "redis", stale: false, age_ms, mode: "normal", node: node(sequence, { current_jobs }) };
}

function missing(age_ms: number) {
  return { found: false, source: "redis", stale: false, age_ms, mode: "normal", node: null };
}
