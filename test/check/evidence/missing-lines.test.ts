/** Lines that others owe: a right history has them, and each one that is missing is named with its share. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { missingLines } from "../../../src/check/observed/missing-lines.ts";
import { call, dump, entry, faultFrom, node, read, registered, seenAt, storeCall, trialOf, view } from "../trials.ts";

const version = { epoch: "e1", sequence: 1 };
const lookedUp = { found: true, source: "redis", stale: false, age_ms: 1, mode: "normal", node: node(1) } as const;
const hosted: HistoryEvent = { kind: "hosted", at: -9, instance: 0, life: 1 };
const reserved = call({ op: "reserve_job", node: "n1", job: "a", from: 10, to: 14, reply: "reserved", version });
const refused = call({ op: "dispatch", node: "n1", job: "b", from: 20, to: 24, reply: "full", version });
const asked = read(30, 34, { read: lookedUp });
const sent = storeCall(11, 13, { script: "reserve_job" });
const full = { kind: "node_full", instance: 0, node: "n1", job: "b", from: 21, to: 22, version } as const;
const looked: HistoryEvent = { kind: "observer_read", at: 9, took: 3, partition: 0 };
const sample: HistoryEvent = { kind: "sample", at: 50, instance: 0, mode: "normal", views: [version], nodes: [] };
const viewed = view(5, 1);
const [inject, heal] = faultFrom(15, 18) as [HistoryEvent, HistoryEvent];
const ofFeed = faultFrom(15, 18, { link: "feed" });
const end: HistoryEvent = { kind: "phase", at: 60, name: "end", calls: 3, observations: 2 };

const all: readonly HistoryEvent[] = [
  ...[hosted, looked, viewed, reserved, sent, full, refused, asked, inject, heal, ...ofFeed, sample, end],
  ...[storeCall(21, 23, { script: "reserve_job" }), storeCall(31, 33, { script: "snapshot" })],
];
const observations = [seenAt(7, dump(0, [])), seenAt(8, entry(1, registered()))];
const lacks = (history: readonly HistoryEvent[], seen = observations) =>
  missingLines(trialOf({ history, observations: seen }));
const without = (...left: readonly HistoryEvent[]) => lacks(all.filter((event) => !left.includes(event)));

describe("a history whose lines agree", () => {
  it("lacks nothing", () => {
    expect(lacks(all)).toEqual([]);
  });

  it("owes no calls to the store where the harness does not host the instance, and no looks where nothing was run", () => {
    expect(lacks([reserved, refused, asked])).toEqual([]);
    expect(lacks([{ kind: "pipe", at: 0, instance: 0, took: 1 }, looked, reserved, refused, asked])).toEqual([]);
  });

  it("owes none for what an instance answers by itself", () => {
    const own = [
      { ...lookedUp, source: "l2" },
      { ...lookedUp, stale: true },
    ].map((one) => read(40, 41, { read: one }));
    const others = [call({ op: "dispatch", from: 41, to: 42, reply: "no_node" }), ...own];
    expect(lacks([hosted, looked, viewed, ...others])).toEqual([]);
  });

  it("goes from something to nothing only where another life begins", () => {
    const empty = view(40, null);
    expect(lacks([hosted, looked, viewed, empty])).toEqual([
      "the view of instance 0 at 40 ms holds nothing of a partition, and did before",
    ]);
    expect(lacks([hosted, looked, viewed, { ...hosted, at: 39, life: 2 } as HistoryEvent, empty])).toEqual([]);
  });
});

describe("a history lacks", () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["a call to the store", without(sent), ["1 of 2 (50.0 %) answers have no store_call: reserve_job of instance 0"]],
    ["a refusal", without(full), ["1 of 1 (100.0 %) answers `full` have no node_full"]],
    ["a look", without(looked), ["2 of 2 (100.0 %) observations are of no observer_read"]],
    ["a view", without(viewed), ["the last sample of instance 0 is ahead of its last view"]],
    [
      "a beginning",
      without(inject),
      ["nothing says that redis_latency (faults[0]) at the commands of instance 0 began"],
    ],
    ["an end", without(heal), ["nothing says that redis_latency (faults[0]) at the commands of instance 0 ended"]],
    [
      "an observation",
      lacks(all, observations.slice(1)),
      ["the end counts 2 observations of the store, and the history has 1"],
    ],
    ["a call in its count", lacks([...all, read(1, 2)]), ["the end counts 3 calls, and the history has 4"]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  it("a call to the store that was answered, at the time, by the same instance", () => {
    const spoilt = [
      { ...sent, outcome: "deadline" },
      { ...sent, from: 1, to: 2 },
      { ...sent, instance: 1 },
    ];
    for (const one of spoilt) {
      expect(lacks(all.map((event) => (event === sent ? one : event)))).toHaveLength(1);
    }
    expect(
      lacks(all.map((event) => (event === full ? { ...full, version: { ...version, sequence: 2 } } : event))),
    ).toHaveLength(1);
  });
});
