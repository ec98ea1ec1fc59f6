import { describe, expect, it } from "vitest";
import type { Call, NodeContent, ReadAnswer } from "../../../src/check/history.ts";
import { leftOut } from "../../../src/check/left-out.ts";
import { judgeNewcomers } from "../../../src/check/newcomers.ts";
import type { Dump, Entry, Observation, ObservedChange } from "../../../src/check/observation.ts";
import { spellsOf } from "../../../src/check/spells.ts";
import { call, entry, faultFrom, gone, node, registered, seenAt, stall, trialOf } from "../trials.ts";

type History = NonNullable<Parameters<typeof trialOf>[0]["history"]>;

/** The bound of staleness is 300 ms: an instance has to know what was so for 600 ms, and the observer may be 250 ms late. */
function select(from: number, selected: readonly NodeContent[] = [], parts: Partial<Call> = {}): Call {
  const asked = { ...wish, count: 4 };
  return call({ op: "select_nodes", from, to: from, reply: "normal", asked, selected, ...parts });
}

const wish = { pool: "p", source: "en", target: "de", services: [] };

function jobs(kind: "reserved" | "released", current_jobs: number, id = "n1"): ObservedChange {
  return { kind, node: id, job: "j", current_jobs };
}

function dump(at: number, sequence: number | null, nodes: readonly NodeContent[] = [], epoch = "e1"): Dump {
  const held = nodes.map((content) => ({ content, heartbeat_seq: -1, jobs: [] }));
  return { kind: "dump", partition: 0, at, version: sequence === null ? null : { epoch, sequence }, nodes: held };
}

const came = seenAt(10, entry(1, registered()));
/** Something of another node, so that the first is known to have been as it was. */
const later = seenAt(5_000, entry(2, registered("n2", "e1:2")));

function judged(history: History, observations: readonly Observation[] = [came, later]) {
  return leftOut(trialOf({ history, observations }));
}

describe("a selection that has room for more", () => {
  it("shows every node that has been there for long enough", () => {
    expect(judged([select(611, [node(1)])])).toEqual({ looked: 1, findings: [] });
  });

  it("is blamed where it leaves one out, by name", () => {
    const one = select(611);
    const { findings } = judged([one]);
    expect(findings.map(({ calls }) => calls)).toEqual([[one.id]]);
    expect(findings[0]?.story).toEqual([
      "instance 0 did not select node n1, which suits and has room, though only 0 of 4 were found",
      "asked at 611 ms in normal for pool p, en to de; the node was seen to be so from 10 ms on",
    ]);
    const judgement = judgeNewcomers(trialOf({ history: [one], observations: [came, later] }));
    expect(judgement).toMatchObject({ verdict: "violated", blamed: [[one.id]] });
    expect(judgement.measures).toEqual([{ name: "looked_for_in_answers", value: 1 }]);
  });

  it("is blamed where a node had been full, and has had a place again for long enough", () => {
    const seen = [
      came,
      seenAt(20, entry(2, jobs("reserved", 1))),
      seenAt(30, entry(3, jobs("reserved", 2))),
      seenAt(1_000, entry(4, jobs("released", 1))),
      seenAt(5_000, entry(5, registered("n2", "e1:5"))),
    ];
    expect(judged([select(900), select(1_599)], seen)).toEqual({ looked: 0, findings: [] });
    expect(judged([select(1_601)], seen).findings).toHaveLength(1);
  });

  it("is blamed for what a dump showed", () => {
    const seen = [dump(10, 7, [node(3)]), seenAt(5_000, entry(8, registered("n2", "e1:8")))];
    expect(judged([select(611)], seen).findings).toHaveLength(1);
  });

  it.each<readonly [string, History]>([
    ["it has come only just", [select(609)]],
    [
      "it is full, for nobody looks for more",
      [select(611, [node(1, { node: "n9" })], { asked: { ...wish, count: 1 } })],
    ],
    ["it does not say how many it asked for", [select(611, [], { asked: wish })]],
    ["it asked for something else", [select(611, [], { asked: { ...wish, pool: "q", count: 4 } })]],
    ["the instance is degraded", [select(611, [], { reply: "l2_only" })]],
    ["a fault is in force", [...faultFrom(600, 700), select(611)]],
    ["a fault had been in force", [...faultFrom(5, 12), select(611)]],
    [
      "the feed had lost an entry",
      [...faultFrom(-500, -500, { name: "feed_entry_deleted", instance: null }), select(4_000)],
    ],
    ["the process had stood still", [stall(100, 20), select(629)]],
    ["the instance had been stopped", [...faultFrom(5, 12, { link: "process" }), select(611)]],
    [
      "the instance may have asked for its last places",
      [
        call({ op: "dispatch", job: "j", from: 600, to: null, outcome: "info", reply: "never returned" }),
        call({ op: "reserve_job", node: "n1", job: "k", from: 20, to: 30, reply: "reserved" }),
        select(611),
      ],
    ],
  ])("is not blamed where %s", (_, history) => {
    expect(judged(history)).toEqual({ looked: 0, findings: [] });
  });

  it.each<readonly [string, History, readonly Observation[]]>([
    ["the observer may be late to see it go", [select(4_751)], [came, seenAt(5_000, entry(2, gone("offline")))]],
    ["the observer saw no more", [select(611)], [came]],
    [
      "the feed was not seen whole",
      [select(611)],
      [came, seenAt(100, entry(3, registered("n2", "e1:3"))), seenAt(5_000, entry(4, gone("removed", "n2")))],
    ],
    [
      "another epoch had begun",
      [select(611)],
      [came, dump(100, 1, [node(1)], "e2"), seenAt(5_000, entry(2, registered("n2", "e2:2"), "e2"))],
    ],
    [
      "the data had been lost",
      [select(611)],
      [came, dump(100, null), seenAt(5_000, entry(1, registered("n2", "e2:1"), "e2"))],
    ],
  ])("is not blamed where %s", (_, history, observations) => {
    expect(judged(history, observations)).toEqual({ looked: 0, findings: [] });
  });

  it("is blamed all the same where places were asked for on another node, or by another instance", () => {
    const other = call({ op: "reserve_job", node: "n9", job: "k", from: 20, to: 30, reply: "reserved" });
    const another = call({ op: "reserve_job", instance: 1, node: "n1", job: "k", from: 20, to: 30, reply: "reserved" });
    expect(judged([other, another, other, select(611)]).findings).toHaveLength(1);
  });
});

describe("a lookup", () => {
  const lookUp = (from: number, shown: NodeContent | null, parts: Partial<ReadAnswer> = {}, id = "n1") => {
    const read = {
      found: shown !== null,
      source: "l2",
      stale: false,
      age_ms: 0,
      mode: "normal",
      node: shown,
      ...parts,
    };
    return call({ op: "get_node", node: id, from, to: from, read });
  };

  it("shows what has been there for long enough", () => {
    expect(judged([lookUp(611, node(1))])).toEqual({ looked: 1, findings: [] });
  });

  it("is blamed where it finds nothing, wherever it looked", () => {
    for (const source of ["l2", "redis", "miss"]) {
      const { findings } = judged([lookUp(611, null, { source })]);
      expect(findings[0]?.story).toEqual([
        "instance 0 did not show node n1, which had been there for 601 ms",
        `asked at 611 ms in normal, answered from ${source}; seen from 10 ms on`,
      ]);
    }
  });

  it.each([
    ["it is about another node", lookUp(611, null, {}, "n7")],
    ["nobody confirmed it", lookUp(611, null, { stale: true })],
    ["the instance is degraded", lookUp(611, null, { mode: "l2_only" })],
    ["the node has come only just", lookUp(609, null)],
  ])("is not blamed where %s", (_, one) => {
    expect(judged([one])).toEqual({ looked: 0, findings: [] });
  });
});

describe("spells", () => {
  const offered = { node: "n1", pools: ["p"], languages: [{ source: "en", target: "de" }], services: [], maxJobs: 2 };

  it("are what a node offered, from when to when, and its jobs", () => {
    const seen: readonly (Entry | Dump)[] = [
      came,
      seenAt(20, entry(2, jobs("reserved", 1))),
      dump(25, 2, [node(2, { current_jobs: 1 })]),
      seenAt(30, entry(3, { kind: "health", node: "n1", health_milli: 1 })),
      seenAt(40, entry(4, registered("n1", "e1:4"))),
      seenAt(50, entry(4, registered("n1", "e1:4"))), // told twice
      seenAt(60, entry(5, gone("expired"))),
      seenAt(70, entry(6, gone("removed"))),
    ];
    expect(spellsOf(seen)).toEqual([
      {
        ...offered,
        from: 10,
        until: 40,
        jobs: [
          { at: 10, count: 0 },
          { at: 20, count: 1 },
        ],
      },
      { ...offered, from: 40, until: 60, jobs: [{ at: 40, count: 0 }] },
    ]);
  });

  it("end where the last thing was seen, before a hole and at the end", () => {
    const hole = [came, seenAt(20, entry(2, gone("removed", "n2"))), seenAt(90, entry(4, gone("removed", "n3")))];
    expect(spellsOf(hole)).toEqual([{ ...offered, from: 10, until: 20, jobs: [{ at: 10, count: 0 }] }]);
    expect(spellsOf(hole.slice(0, 2))).toEqual([{ ...offered, from: 10, until: 20, jobs: [{ at: 10, count: 0 }] }]);
  });

  it("begin again with a dump", () => {
    const seen = [came, dump(50, 9, [node(1), node(2, { node: "n2", status: "offline" })]), dump(60, 9)];
    expect(spellsOf(seen).map(({ from, until }) => [from, until])).toEqual([
      [10, 10],
      [50, 60],
    ]);
  });
});
