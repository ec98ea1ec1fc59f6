import { describe, expect, it } from "vitest";
import type { Call } from "../../src/check/history.ts";
import { fewFindings, type Trial } from "../../src/check/judgement.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { judge } from "../../src/judges/recorded/judges.ts";
import { call, dump, entry, gone, job, node, read, registered, seenAt, trialOf, view } from "./trials.ts";

const version = { epoch: "e1", sequence: 2 };
const shown = (from: number, sequence: number, current_jobs: number): Call =>
  read(from, from + 1, {
    read: {
      ...{ found: true, source: "l1", stale: false, age_ms: 0, mode: "normal" },
      node: node(sequence, { current_jobs }),
    },
  });
const reserve = (from: number, reply: string): Call =>
  call({ op: "reserve_job", node: "n1", job: "a", from, to: from + 5, reply, version });
const observations = [
  dump(0, []),
  entry(1, registered()),
  seenAt(12, entry(2, job("reserved", "a", 1))),
  seenAt(13, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]])),
];
const [made, full, twice] = [reserve(10, "reserved"), reserve(20, "full"), reserve(30, "reserved")];
const [newer, older, wrong, late] = [shown(40, 2, 1), shown(50, 1, 0), shown(60, 2, 2), read(70, 300)];
const selected = (from: number): Call =>
  call({ op: "select_nodes", from, to: from, reply: "normal", selected: [node(2, { current_jobs: 1 })] });
const end = { kind: "phase", at: 5_000, name: "end" } as const;
const went = [...observations, seenAt(100, entry(3, gone("offline")))];
const [behind, caughtUp] = [shown(400, 1, 0), shown(500, 2, 1)];
const [soon, tooLate] = [selected(120), selected(900)];

describe("the calls that show a violation", () => {
  it.each<readonly [PropertyId, string, Trial, readonly Call[]]>([
    ["L1", "a reply that was never true", trialOf({ history: [made, full], observations }), [full]],
    ["L1", "a change that two claim", trialOf({ history: [made, twice], observations }), [made, twice]],
    [
      "V2",
      "an answer that goes back, and the one before it",
      trialOf({ history: [newer, older], observations }),
      [newer, older],
    ],
    ["V2", "an answer of what never was", trialOf({ history: [newer, wrong], observations }), [wrong]],
    ["D1", "a late read", trialOf({ history: [newer, late], observations }), [late]],
    ["N2", "a selection of a node that has gone", trialOf({ history: [soon, tooLate], observations: went }), [tooLate]],
    [
      "V4",
      "the call that made the change, and the answer without it past the bound",
      trialOf({
        history: [view(0, 1), made, shown(100, 1, 0), behind, caughtUp, view(450, 2), end],
        observations,
      }),
      [made, behind],
    ],
  ])("of %s are %s", (property, _, trial, calls) => {
    const { blamed, verdict, violations } = judge(property, trial);
    expect(verdict).toBe("violated");
    expect(blamed).toHaveLength(violations.length);
    const ids = calls.map(({ id }) => id);
    expect(blamed?.[0]).toEqual(ids);
  });

  it("are none where nothing is violated", () => {
    expect(judge("V2", trialOf({ history: [newer], observations }))).not.toHaveProperty("blamed");
  });

  it("are given for no more violations than are printed", () => {
    const many = Array.from({ length: 9 }, (_, id) => ({ story: [`story ${id}`], calls: [id] }));
    const { blamed, violations } = fewFindings(many);
    expect(violations.map(([first]) => first)).toEqual(
      [0, 1, 2, 3, 4].map((id) => `story ${id}`).concat("and 4 more like these"),
    );
    expect(blamed).toEqual([[0], [1], [2], [3], [4]]);
  });
});
