/** Rules for which incarnation of a node may be replaced, and which is shown, each broken by a history and kept by a correct one beside it. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, Sample } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { call, faultFrom, mode, node, phase } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 };
const registers = (from: number, incarnation: string, given: Partial<Call> = {}): Call =>
  call({ op: "register_node", node: "n1", from, to: from + 1, incarnation, offer, reply: "registered", ...given });
const leaves = (from: number, incarnation?: string): Call =>
  call({ op: "offline_node", node: "n1", from, to: from + 1, incarnation, reply: "offline" });
const restart = (at: number) => faultFrom(at, at + 10, { name: "redis_restart", instance: null, link: "server" });

const verdictOf = (property: PropertyId, ...history: readonly HistoryEvent[]) =>
  judgeAnswers(property, [registers(0, "e1:1"), ...history]);
const found = (property: PropertyId, ...history: readonly HistoryEvent[]): string =>
  verdictOf(property, ...history)
    .violations.map(([first = ""]) => first)
    .join("; ");

describe("a registration that was to replace another incarnation", () => {
  it.each(["e1:0", null])("than the one that is there, as %s, is a conflict", (expected) => {
    const words = "allowed conflict";
    expect(found("N1", registers(100, "e1:2", { expected }))).toContain(words);
    const conflict = registers(100, "e1:1", { expected, reply: "conflict" });
    expect(verdictOf("N1", conflict)).toMatchObject({ verdict: "held", exercised: 1 });
  });
});

describe("a goodbye of another incarnation", () => {
  it("than the one that is there is superseded", () => {
    expect(found("N1", leaves(100, "e1:0"))).toContain("allowed superseded");
    const superseded = { ...leaves(100, "e1:0"), reply: "superseded" };
    expect(verdictOf("N1", superseded)).toMatchObject({ verdict: "held", exercised: 1 });
  });
});

type Ends = (from: number, named: string | undefined) => Call;

describe.each<readonly [string, Ends]>([
  ["a registration that replaces", (from, expected) => registers(from, "e1:2", { expected })],
  ["a goodbye that ends", leaves],
])("%s another incarnation", (_, ends) => {
  const other = ends(100, "e1:0");
  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["was the one that is there", [ends(100, "e1:1")]],
    ["is not known", [ends(100, undefined)]],
    ["may have been registered meanwhile", [registers(90, "e1:0", { to: 110 }), other]],
    [
      "may have been registered without an answer",
      [registers(50, "e1:0", { outcome: "info", reply: "deadline" }), other],
    ],
    ["may have come before a goodbye", [leaves(50), other]],
    ["may have come before a loss of data", [...restart(50), other]],
    ["may have come before a loss meanwhile", [...restart(102), { ...other, to: 120 }]],
    ["came after the time of the one that was there", [{ ...other, from: 2_000, to: 2_001 }]],
    ["failed", [{ ...other, outcome: "fail", reply: "disconnected" }]],
  ])("may be taken where that %s", (__, history) => {
    expect(found("N1", ...history)).toBe("");
  });
});

describe("a selection in normal", () => {
  const again = registers(100, "e1:2", { expected: "e1:1" });
  const selects = (from: number, incarnation: string, given: Partial<Call> = {}): Call => {
    const selected = [node(1, { ...offer, incarnation })];
    return call({ op: "select_nodes", from, to: from + 1, reply: "normal", asked, selected, ...given });
  };

  it("shows no former incarnation for longer than the staleness bound", () => {
    expect(found("N3", again, selects(500, "e1:1"))).toContain(
      "in incarnation e1:1 399 ms after e1:2 had been registered",
    );
    expect(found("N3", again, selects(500, "e1:2"))).toBe("");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["within the bound", [again, selects(350, "e1:1")]],
    ["in another mode", [again, selects(500, "e1:1", { reply: "l2_only" })]],
    [
      "soon after another mode",
      [again, mode(300, "normal", "l2_only"), mode(310, "l2_only", "normal"), selects(500, "e1:1")],
    ],
    ["soon after a fault", [again, ...faultFrom(150, 300), selects(500, "e1:1")]],
    [
      "where the last registration has no answer",
      [{ ...again, outcome: "info", reply: "deadline" }, selects(500, "e1:1")],
    ],
    ["after a loss of data", [again, ...restart(120), selects(500, "e1:1")]],
  ])("may show it %s", (_, history) => {
    expect(found("N3", ...history)).toBe("");
  });
});

describe("an instance at rest", () => {
  const sample = (at: number, incarnation: string): Sample => ({
    ...{ kind: "sample", at, instance: 0, mode: "normal", views: [] },
    nodes: [node(1, { ...offer, incarnation })],
  });
  const rest = [registers(100, "e1:2", { expected: "e1:1" }), phase("healed", 200), phase("quiet", 200)];

  it("shows the incarnation that was registered last", () => {
    expect(found("V3", ...rest, sample(1_000, "e1:1"))).toContain(
      "shows incarnation e1:1 of node n1 long after the load",
    );
    expect(found("V3", ...rest, sample(1_000, "e1:2"))).toBe("");
    expect(found("V3", ...rest, sample(600, "e1:1"))).toBe("");
    expect(found("V3", ...rest, ...restart(300), sample(1_000, "e1:1"))).toBe("");
  });
});
