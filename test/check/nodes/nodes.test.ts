import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import type { Dump } from "../../../src/check/observed/observation.ts";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, node, registered, seenAt, trialOf } from "../trials.ts";

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

  it("says nothing of two that were in flight at the same time", () => {
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
