/** F1 of records: the store, and what instances show, compared with the feed. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent, NodeContent } from "../../src/check/history.ts";
import { dump, entry, job, judgedBy, node, registered, trialOf } from "../check/trials.ts";

const placed = [
  dump(0, []),
  entry(1, registered()),
  entry(2, job("reserved", "a", 1)),
  entry(3, job("reserved", "b", 2)),
];
const full = node(3, { current_jobs: 2 });
const other = node(1, { node: "n2", incarnation: "e1:9" });

describe("F1 of a look at the store", () => {
  const judged = (...nodes: Parameters<typeof dump>[1]) =>
    judgedBy("F1", trialOf({ observations: [...placed, dump(3, nodes)] })).violations.map(([, second]) => second);

  it("holds where it has the nodes and places that the feed leaves, in any order", () => {
    expect(judged([full, ["b", "a"]])).toEqual([]);
  });

  it.each<[string, Parameters<typeof dump>[1], string]>([
    ["has another job in the place of one", [[full, ["a", "c"]]], "n1: has places for a, c, allowed a, b"],
    ["has lost a job and its count", [[{ ...full, current_jobs: 1 }, ["a"]]], "n1: current_jobs 1 instead of 2"],
    ["has lost a job alone", [[full, ["a"]]], "n1: has places for a, allowed a, b"],
    [
      "has a node of which there was no change",
      [
        [full, ["a", "b"]],
        [other, []],
      ],
      "n2: is there, and should not be",
    ],
    [
      "has a record of a later version",
      [[node(9, { current_jobs: 2 }), ["a", "b"]]],
      'n1: version "e1:9" instead of "e1:3"',
    ],
    ["has lost a node", [], "n1: is not there"],
  ])("is violated where it %s", (_, nodes, found) => {
    expect(judged(...nodes)).toEqual([`partition 0, at e1:3, node ${found}`]);
  });
});

describe("F1 of what an instance shows", () => {
  const judged = (shown: NodeContent) => {
    const views = [{ epoch: "e1", sequence: 3 }];
    const sample: HistoryEvent = { kind: "sample", at: 50, instance: 0, mode: "normal", views, nodes: [shown] };
    const observations = [...placed, dump(3, [[full, ["a", "b"]]]), { ...dump(3, [[full, ["a", "b"]]]), at: 900 }];
    return judgedBy("F1", trialOf({ history: [sample], observations })).violations.map(([first]) => first);
  };

  it("is violated by a record of a version that the store never had", () => {
    expect(judged(full)).toEqual([]);
    expect(judged(node(1_003, { current_jobs: 2 }))).toEqual([
      "the view of instance 0 was at e1:1003, which the store never had",
    ]);
  });
});
