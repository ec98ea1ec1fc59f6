import { describe, expect, it } from "vitest";
import type { Call, NodeContent } from "../../../src/check/history.ts";
import { judgeNewcomers } from "../../../src/check/newcomers.ts";
import type { Dump } from "../../../src/check/observation.ts";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, gone, node, read, registered, seenAt, stall, trialOf } from "../trials.ts";

describe("N3", () => {
  const answer = (shown: NodeContent | null, source: string, stale = false, mode = "normal") => ({
    read: { found: shown !== null, source, stale, age_ms: 0, mode, node: shown },
  });
  const missed = (from: number, source = "redis") => read(from, from + 1, answer(null, source));
  const found = (from: number) => read(from, from + 1, answer(node(1), "l2"));
  const arrived = [seenAt(500, entry(1, registered()))];
  const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgeNewcomers(trialOf({ history, observations: arrived }));

  it("holds when the node is shown, though a lookup had missed it just before", () => {
    const judgement = judged(missed(300), missed(510, "miss"), found(530), found(900));
    expect(judgement).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judgement.measures).toContainEqual({ name: "time_to_visible_ms_max", value: 31 });
  });

  it("is violated by a miss past the bound", () => {
    const { verdict, violations } = judged(missed(300), missed(801, "miss"));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe(
      "instance 0 did not show node n1 301 ms after it was seen registered, allowed 300 ms",
    );
  });

  it("is violated by a miss after it had been shown", () => {
    expect(judged(missed(300), found(530), missed(900)).verdict).toBe("violated");
  });

  it("is violated by an instance that still shows the former life", () => {
    const former = node(1, { incarnation: "e1:1" });
    const back = [
      seenAt(10, entry(1, registered())),
      seenAt(20, entry(2, gone("expired"))),
      seenAt(30, entry(3, gone("removed"))),
      seenAt(500, entry(4, registered("n1", "e1:4"))),
    ];
    const history = [missed(300), read(900, 901, answer(former, "l2"))];
    expect(judgeNewcomers(trialOf({ history, observations: back })).verdict).toBe("violated");
  });

  it("claims nothing of what could not be confirmed, or was removed again", () => {
    const stale = read(900, 901, answer(null, "none", true));
    const degraded = read(910, 911, answer(null, "miss", false, "l2_only"));
    expect(judged(missed(300), found(530), stale, degraded).verdict).toBe("held");
    const removed = [...arrived, seenAt(800, entry(2, gone("removed")))];
    const history = [missed(300), found(530), missed(900)];
    expect(judgeNewcomers(trialOf({ history, observations: removed })).verdict).toBe("held");
  });

  it("is unknown when the process stood still for the time that was too much", () => {
    expect(judged(missed(300), stall(600, 100), missed(850, "miss")).verdict).toBe("unknown");
  });

  it("is not exercised where nobody had looked it up, or the mark was past its time", () => {
    expect(judged(found(530)).verdict).toBe("not_exercised");
    const late = { history: [missed(300), found(1_530)], observations: [seenAt(1_500, entry(1, registered()))] };
    expect(judgeNewcomers(trialOf(late)).verdict).toBe("not_exercised");
  });
});

describe("N1", () => {
  const beat = (from: number, seq: number, reply: string, incarnation = "e1:1"): Call =>
    call({ op: "heartbeat", node: "n1", from, to: from + 1, reply, seq, incarnation });
  const lives = [seenAt(10, entry(1, registered())), seenAt(500, entry(2, registered("n1", "e1:2")))];
  const judged = (
    history: readonly Call[],
    observations: Parameters<typeof trialOf>[0]["observations"] & object = lives,
  ) => judgeRecorded(judgeLateHeartbeats, trialOf({ history, observations }));
  const held = (at: number, incarnation: string, heartbeat_seq: number): Dump => {
    const [one] = dump(1, [[node(1, { incarnation }), []]]).nodes;
    if (one === undefined) throw new Error("a dump of one node has one node");
    return { ...dump(1, []), at, nodes: [{ ...one, heartbeat_seq }] };
  };

  it("holds when older ones and those of a former life are refused", () => {
    const history = [
      beat(20, 5, "renewed"),
      beat(30, 4, "stale"),
      beat(600, 9, "superseded"),
      beat(610, 1, "renewed", "e1:2"),
    ];
    expect(judged(history)).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it.each([
    ["an older one", [beat(20, 5, "renewed"), beat(30, 4, "renewed")]],
    ["the same one again", [beat(20, 5, "renewed"), beat(30, 5, "renewed")]],
    ["one of a former life", [beat(600, 9, "renewed")]],
  ])("is violated when %s is taken", (_what, history) => {
    expect(judged(history).verdict).toBe("violated");
  });

  it("says nothing of two that were under way at the same time", () => {
    const overlapping = { ...beat(20, 5, "renewed"), to: 40 };
    expect(judged([overlapping, beat(30, 4, "renewed")]).verdict).toBe("not_exercised");
  });

  it.each([
    ["the seq of a life falls", [held(100, "e1:1", 5), held(200, "e1:1", 4)]],
    ["a former life comes back", [held(600, "e1:2", 1), held(700, "e1:1", 9)]],
  ])("is violated when %s in the store", (_what, dumps) => {
    expect(judged([], [...lives, ...dumps]).verdict).toBe("violated");
  });

  it("holds when a new life begins at a lower seq", () => {
    const history = [beat(20, 5, "renewed"), beat(30, 4, "stale")];
    expect(judged(history, [...lives, held(400, "e1:1", 5), held(600, "e1:2", 1)]).verdict).toBe("held");
  });

  it("is not exercised where none was late", () => {
    expect(judged([beat(20, 5, "renewed"), beat(600, 1, "renewed", "e1:2")]).verdict).toBe("not_exercised");
  });
});
