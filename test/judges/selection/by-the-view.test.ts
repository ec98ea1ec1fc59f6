/** Selections of recorded runs, held to the view that their instance was seen to have. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, NodeContent } from "../../../src/check/history.ts";
import { recorded } from "../../check/evidence/recorded.ts";
import { changed, type Spoil } from "../../check/evidence/spoilt.ts";
import { call, dump, entry, gone, job, judgedBy, node, registered, seenAt, trialOf, view } from "../../check/trials.ts";

const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 } as const;
const selects = (selected: readonly NodeContent[], parts: Partial<Call> = {}): Call =>
  call({ op: "select_nodes", from: 500, to: 500, reply: "normal", asked, selected, ...parts });
const reserves = (id: string, to: number | null, sequence?: number): Call => {
  const reply =
    sequence === undefined
      ? { outcome: "info", reply: "deadline" }
      : { reply: "reserved", version: { epoch: "e1", sequence } };
  return call({ op: "reserve_job", node: "n1", job: id, from: 400, to, ...(reply as Pick<Call, "reply">) });
};

const there = [dump(0, []), seenAt(100, entry(1, registered()))];
const placed = [seenAt(410, entry(2, job("reserved", "a", 1)))];
const end = seenAt(3_000, dump(1, [[node(1), []]]));
const endPlaced = seenAt(3_000, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]]));

describe("S2 of a record", () => {
  const judged = (
    history: readonly HistoryEvent[],
    observations: Parameters<typeof trialOf>[0]["observations"] = [...there, end],
  ) => judgedBy("S2", trialOf({ history, observations })).violations.map(([first]) => first);
  const leftOut = ["instance 0 did not select node n1, which suits and has room, though only 0 of 4 were found"];

  it("is violated by a node left out that the view had, however short it was there", () => {
    expect(judged([view(150, 1), selects([])])).toEqual(leftOut);
    expect(judged([view(150, 1), selects([node(1)])])).toEqual([]);
  });

  it("counts a place no longer that the view shows", () => {
    const full = [reserves("a", 420, 2), view(430, 2), selects([])];
    expect(judged(full, [...there, ...placed, endPlaced])).toEqual(leftOut);
  });

  it.each([
    [
      "whose places are all asked for",
      [view(150, 1), reserves("a", null), reserves("b", null), selects([])],
      [...there, end],
    ],
    [
      "of which the outcome of two reserves is not known",
      [view(150, 1), reserves("a", 420), reserves("b", 420), selects([])],
      [...there, end],
    ],
    [
      "that may be full with a place that the view may not show",
      [view(150, 1), reserves("a", 420, 2), reserves("b", null), selects([])],
      [...there, ...placed, endPlaced],
    ],
    [
      "that the view has in a later life, of another offer, which the observer saw later",
      [view(450, 3), selects([])],
      [
        ...there,
        seenAt(700, entry(2, gone("expired"))),
        seenAt(700, entry(3, { ...registered("n1", "e1:3"), pools: ["q"] } as ReturnType<typeof registered>)),
        seenAt(3_000, dump(3, [[node(3, { incarnation: "e1:3", pools: ["q"] }), []]])),
      ],
    ],
    [
      "that may have gone",
      [view(150, 1), selects([])],
      [...there, seenAt(700, entry(2, gone("offline"))), seenAt(3_000, dump(2, []))],
    ],
    ["that the view may not have", [view(50, 0), selects([])], [...there, end]],
  ] as const)("accuses no instance of a node %s", (_, history, observations) => {
    expect(judged(history, observations)).toEqual([]);
  });
});

describe("S3 of a record", () => {
  const ranked = (id: string, health_milli: number): NodeContent => node(1, { node: id, health_milli });
  const judged = (...history: readonly HistoryEvent[]) =>
    judgedBy("S3", trialOf({ history: [view(150, 1), ...history], observations: [...there, end] })).violations.map(
      ([first]) => first,
    );
  const [best, middle, worst] = [ranked("n1", 900), ranked("n2", 600), ranked("n3", 300)] as const;

  it("is violated by the worst of all that there were before the others", () => {
    expect(judged(selects([worst, best, middle]))).toEqual([expect.stringContaining("node n3 (rank 0.3:")]);
    expect(judged(selects([best, worst, middle]))).toEqual([expect.stringContaining("node n3 (rank 0.3:")]);
  });

  it.each([
    ["the second best comes first, of three", [selects([middle, best, worst])]],
    ["there may have been others", [selects([worst, best, middle, ranked("n4", 100)])]],
    ["equals come in any order", [selects([ranked("n2", 900), best])]],
    ["the instance may count places of its own", [reserves("a", null), selects([best, ranked("n2", 950)])]],
  ])("is held where %s", (_, history) => {
    expect(judged(...history)).toEqual([]);
  });
});

describe("a lie in some selections of a record", () => {
  const lying = (share: number, lie: (selected: readonly NodeContent[]) => readonly NodeContent[]): Spoil => {
    let turn = 0;
    return (trial) =>
      changed(trial, (event) => {
        if (event.kind !== "call" || !event.selected?.length) return [event];
        turn += 1;
        return [turn % share === 0 ? { ...event, selected: lie(event.selected) } : event];
      });
  };

  it.each([
    ["S2", "redis-gone", "one in twenty is empty", lying(20, () => [])],
    ["S3", "node-churn", "one in three is turned round", lying(3, (selected) => selected.toReversed())],
  ] as const)("violates %s in %s: %s", async (property, scenario, _, lie) => {
    const right = await recorded(scenario);
    expect(judgedBy(property, right).violations).toEqual([]);
    expect(judgedBy(property, lie(right)).verdict).toBe("violated");
  });
});

describe("S1 of a record", () => {
  const dispatches = (parts: Partial<Call> = {}): Call => {
    const answer = { node: "n1", reply: "reserved", version: { epoch: "e1", sequence: 2 } };
    return call({ op: "dispatch", job: "a", from: 400, to: 420, asked, ...answer, ...parts });
  };
  const judged = (history: readonly HistoryEvent[], observations = [...there, ...placed, endPlaced]) =>
    judgedBy("S1", trialOf({ history: [view(150, 1), ...history], observations })).violations.map(([first]) => first);
  const wrong = ["instance 0 placed job a on node n1, allowed only an online node that suits"];
  const other = { ...asked, pool: "q" };

  it("is violated by a place that a dispatch got where nothing suits", () => {
    expect(judged([dispatches()])).toEqual([]);
    for (const wish of [other, { ...asked, services: ["s"] }, { ...asked, source: "tlh" }])
      expect(judged([dispatches({ asked: wish })])).toEqual(wrong);
  });

  it.each([
    [
      "where the job may have its place already",
      [reserves("a", 420, 2), dispatches({ from: 430, to: 440, asked: other })],
    ],
    ["once it was dispatched before", [dispatches(), dispatches({ from: 430, to: 440, asked: other })]],
    ["of which nothing is said of the request", [dispatches({ asked: undefined })]],
  ])("asks nothing of a dispatch %s", (_, history) => {
    expect(judged(history)).toEqual([]);
  });

  it("lets a node suit by what it offered when its view was read, or at any time since", () => {
    const moved = { ...registered("n1", "e1:2"), pools: ["q"] } as ReturnType<typeof registered>;
    const since = [seenAt(405, entry(2, moved)), seenAt(410, entry(3, job("reserved", "a", 1)))];
    const later = seenAt(3_000, dump(3, [[node(3, { incarnation: "e1:2", pools: ["q"], current_jobs: 1 }), ["a"]]]));
    const at = { version: { epoch: "e1", sequence: 3 } };
    for (const [wish, found] of [
      [asked, []],
      [other, []],
      [{ ...asked, pool: "r" }, wrong],
    ] as const)
      expect(judged([dispatches({ ...at, asked: wish })], [...there, ...since, later])).toEqual(found);
    expect(judged([view(398, 2), dispatches(at)], [...there, ...since, later])).toEqual(wrong);
  });
});
