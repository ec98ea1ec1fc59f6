/** S3 by what selections show: an order without ranks is found in one run, and the better of two that are drawn is not accused. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, NodeContent } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import { call, node } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 4, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 };
const names = ["n1", "n2", "n3", "n4"];

type Order = (nodes: readonly NodeContent[], draw: () => number) => readonly NodeContent[];
const rank = ({ current_jobs, health_milli, max_jobs }: NodeContent) => health_milli / 1_000 - current_jobs / max_jobs;
const byRank: Order = (nodes) => nodes.toSorted((one, other) => rank(other) - rank(one));
const byHealth: Order = (nodes) => nodes.toSorted((one, other) => other.health_milli - one.health_milli);
const byLoad: Order = (nodes) => nodes.toSorted((one, other) => one.current_jobs - other.current_jobs);
const byName: Order = (nodes) => nodes;
const shuffled: Order = (nodes, draw) =>
  nodes.map((one) => ({ one, at: draw() })).toSorted((a, b) => a.at - b.at).map(({ one }) => one); // biome-ignore format: one line
const ofTwo: Order = (nodes, draw) => {
  const left = [...nodes];
  const chosen: NodeContent[] = [];
  while (left.length > 0) {
    const two = shuffled(left, draw).slice(0, 2);
    const [best] = byRank(two, draw);
    if (best === undefined) break;
    chosen.push(best);
    left.splice(left.indexOf(best), 1);
  }
  return chosen;
};

/** A small generator of its own (mulberry32): the draws of a test are the same in each run. */
function drawsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Choosing {
  readonly count?: number;
  readonly given?: Partial<Call>;
  readonly health?: (draw: () => number) => number;
  readonly among?: number;
}

const registrations = names.map((name) =>
  call({ op: "register_node", node: name, from: 0, to: 1, incarnation: `e1:${name}`, offer, reply: "registered" }),
);

/** Selections, 10 ms apart, of nodes whose load and health are drawn anew. */
function selections(order: Order, { among = 4, count = 600, given = {}, health = (draw) => draw() }: Choosing = {}) {
  const draw = drawsOf(7);
  return Array.from({ length: count }, (_, nth) => {
    const nodes = names.slice(0, among).map((name) =>
      node(nth + 1, {
        ...offer,
        ...{ node: name, incarnation: `e1:${name}`, current_jobs: Math.floor(draw() * 4) },
        health_milli: Math.round(1_000 * health(draw)),
      }),
    );
    const from = 10 + nth * 10;
    return call({
      op: "select_nodes",
      from,
      to: from + 1,
      reply: "normal",
      asked,
      selected: order(nodes, draw),
      ...given,
    });
  });
}

const judged = (...more: readonly HistoryEvent[]): Judgement => judgeAnswers("S3", [...registrations, ...more]);
const found = (...more: readonly HistoryEvent[]): string =>
  judged(...more)
    .violations.map(([first = ""]) => first)
    .join("; ");

describe("an order of selected nodes", () => {
  it("is found to have no ranks", () => {
    for (const order of [shuffled, byName])
      expect(found(...selections(order))).toContain("that differ by health or load");
  });

  it("is found to heed the health alone, or the load alone", () => {
    const alike = { health: (draw: () => number) => (draw() < 0.5 ? 0.5 : 0.9), count: 1_500 };
    expect(found(...selections((nodes, draw) => byHealth(shuffled(nodes, draw), draw), alike))).toContain(
      "by load alone",
    );
    expect(found(...selections((nodes, draw) => byLoad(shuffled(nodes, draw), draw), alike))).toContain(
      "by health alone",
    );
  });

  it.each([2, 3, 4])("may be that of the better of two that are drawn among %i, or the best of all", (among) => {
    for (const order of [ofTwo, byRank]) expect(found(...selections(order, { among, count: 5_000 }))).toBe("");
  });

  it.each<readonly [string, Choosing]>([
    ["few selections", { count: 20 }],
    ["selections that are degraded", { given: { reply: "l2_only" } }],
    ["selections by the configuration", { given: { asked: { ...asked, pool: undefined } as never } }],
    ["selections that leave out nodes that may be better", { among: 3, given: { asked: { ...asked, count: 3 } } }],
    ["selections that fail", { given: { outcome: "fail" } }],
  ])("is not judged by %s", (_, choosing) => {
    expect(found(...selections(shuffled, choosing))).toBe("");
  });

  it("may put a node behind that its instance has just asked for a place", () => {
    const away = names.map((name, nth) =>
      call({ op: "reserve_job", node: name, job: `j${nth}`, from: 5, to: 6_500, outcome: "info", reply: "deadline" }),
    );
    expect(found(...selections(shuffled), ...away)).toBe("");
    const elsewhere = away.map((one) => ({ ...one, instance: 1 }));
    expect(found(...selections(shuffled), ...elsewhere)).toContain("health or load");
    const dispatch = call({ op: "dispatch", job: "d", from: 5, to: 6_500, outcome: "info", reply: "deadline" });
    expect(found(...selections(shuffled), dispatch)).toBe("");
  });
});
