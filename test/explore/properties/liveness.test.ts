import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { components, type Edges } from "../../../src/explore/properties/components.ts";
import { Ints } from "../../../src/explore/search/ints.ts";
import { explore, lassoOf } from "../alone.ts";
import { type GraphSpec, graphMachine } from "../search/graph-machine.ts";

/** Goes round between 0 and 1, and may leave for the goal, 2. Every state has a way out. */
const roundabout = (leave: GraphSpec["actions"][string]): GraphSpec => ({
  nodes: 3,
  actions: {
    turn: {
      steps: [
        [0, 1],
        [1, 0],
      ],
      fair: "some",
    },
    stay: { steps: [[2, 2]] },
    leave,
  },
  goals: [2],
});
/** Can be left from either side, so that it can always be left. */
const always = [
  [0, 2],
  [1, 2],
] as const;
/** Can be left from one side only: on the other it cannot, so weak fairness asks nothing. */
const sometimes = [[1, 2]] as const;

describe("an eventually", () => {
  it("is refuted by a cycle where every state has a way out and there is no end to be found", () => {
    expect(lassoOf(() => graphMachine(roundabout({ steps: always })))).toEqual({ stem: [0], loop: [0, 1, 0] });
  });

  it("is saved by weak fairness where the way out is open all the while", () => {
    expect(lassoOf(() => graphMachine(roundabout({ steps: always, fair: "some" })))).toBeNull();
  });

  it("is not saved by weak fairness where the way out is shut again and again", () => {
    expect(lassoOf(() => graphMachine(roundabout({ steps: sometimes, fair: "some" })))?.loop).toEqual([0, 1, 0]);
  });

  it("distinguishes fairness of an action from fairness of each choice of its arguments", () => {
    const spec = (fair: "some" | "each"): GraphSpec => ({
      nodes: 3,
      actions: {
        step: {
          steps: [
            [0, 1],
            [1, 0],
            [0, 2],
            [1, 2],
          ],
          fair,
        },
      },
      goals: [2],
    });
    expect(lassoOf(() => graphMachine(spec("some")))?.loop).toEqual([0, 1, 0]);
    expect(lassoOf(() => graphMachine(spec("each")))).toBeNull();
  });

  it("is refuted by resting where nothing fair can happen, with an end or without", () => {
    const spec: GraphSpec = {
      nodes: 3,
      actions: { go: { steps: [[0, 1]], fair: "some" }, may: { steps: [[1, 2]] } },
      goals: [2],
    };
    expect(lassoOf(() => graphMachine(spec))).toEqual({ stem: [0, 1], loop: [1] });
  });

  it("is not refuted by a step that changes nothing", () => {
    const spec: GraphSpec = {
      nodes: 2,
      actions: {
        spin: {
          steps: [
            [0, 0],
            [0, 1],
          ],
          fair: "some",
        },
      },
      goals: [1],
    };
    expect(lassoOf(() => graphMachine(spec))).toBeNull();
  });

  it("is owed anew after every state that asks for it", () => {
    const spec = (back: readonly (readonly [number, number])[]): GraphSpec => ({
      nodes: 4,
      actions: { step: { steps: [[0, 1], [1, 2], [2, 3], ...back], fair: "each" } },
      goals: [1],
      after: [2],
    });
    expect(lassoOf(() => graphMachine(spec([[3, 1]])))).toBeNull();
    expect(lassoOf(() => graphMachine(spec([])))).toEqual({ stem: [0, 1, 2, 3], loop: [3] });
    expect(lassoOf(() => graphMachine(spec([[3, 2]])))?.loop).toHaveLength(3);
  });
});

describe("a wrong explorer", () => {
  it("that ignores cycles calls the roundabout held, and so is caught by the test above", () => {
    const eachAlone = ({ starts }: Edges): Int32Array =>
      Int32Array.from({ length: starts.length - 1 }, (_, node) => node);
    const build = () => graphMachine(roundabout({ steps: always }));
    expect(lassoOf(build, { componentsOf: eachAlone })).toBeNull();
    expect(lassoOf(build)).not.toBeNull();
  });
});

const size = 5;
const node = fc.nat(size - 1);
const steps = fc.uniqueArray(fc.tuple(node, node), { maxLength: 8, selector: String });
const fairness = fc.constantFrom(undefined, "some" as const, "each" as const);
const specs = fc
  .record({
    a: fc.record({ steps, fair: fairness }),
    b: fc.record({ steps, fair: fairness }),
    c: fc.record({ steps, fair: fairness }),
    goals: fc.uniqueArray(node, { maxLength: 2 }),
    after: fc.option(fc.uniqueArray(node, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  })
  .map(
    ({ goals, after, ...actions }): GraphSpec => ({
      nodes: size,
      goals,
      after,
      actions: Object.fromEntries(
        Object.entries(actions).map(([name, action]) => [name, { steps: action.steps, fair: action.fair }]),
      ),
    }),
  );

/** One step: from, to, and the demand of fairness that it meets. */
type Move = readonly [from: number, to: number, demand: string | null];

function movesOf({ actions }: GraphSpec): readonly Move[] {
  return Object.entries(actions).flatMap(([name, action]) =>
    action.steps
      .filter(([from, to]) => from !== to)
      .map(
        ([from, to]): Move => [
          from,
          to,
          action.fair === undefined ? null : action.fair === "some" ? name : `${name} ${to}`,
        ],
      ),
  );
}

function reachable(from: readonly number[], moves: readonly Move[]): ReadonlySet<number> {
  const found = new Set(from);
  for (const at of found) for (const [before, to] of moves) if (before === at) found.add(to);
  return found;
}

/** Whether going round in exactly these states for ever is fair: each demand is met inside, or cannot be met in one of them. */
function isFairLoop(states: readonly number[], inner: readonly Move[], moves: readonly Move[]): boolean {
  const demands = new Set(moves.flatMap(([, , demand]) => demand ?? []));
  return [...demands].every(
    (demand) =>
      inner.some((move) => move[2] === demand) ||
      states.some((state) => !moves.some(([from, , each]) => from === state && each === demand)),
  );
}

function ints(values: readonly number[]): Ints {
  const list = new Ints();
  for (const value of values) list.push(value);
  return list;
}

/** By trying every set of states: the definition, without components. */
function isRefuted(spec: GraphSpec): boolean {
  const moves = movesOf(spec);
  const bad = (state: number): boolean => !spec.goals.includes(state);
  const reached = reachable([0], moves);
  const owed = [...reached].filter((state) => bad(state) && (spec.after ?? [0]).includes(state));
  const without = moves.filter(([from, to]) => bad(from) && bad(to));
  const region = [...reachable(owed, without)];
  for (let bits = 1; bits < 2 ** region.length; bits += 1) {
    const states = region.filter((_, index) => (bits >> index) & 1);
    const inner = without.filter(([from, to]) => states.includes(from) && states.includes(to));
    const isConnected = states.every((state) => states.every((other) => reachable([state], inner).has(other)));
    if (isConnected && isFairLoop(states, inner, moves)) return true;
  }
  return false;
}

describe("over all small graphs", () => {
  it("a claim is refuted exactly where some set of states can be gone round in for ever, fairly", () => {
    let refuted = 0;
    fc.assert(
      fc.property(specs, (spec) => {
        const found = lassoOf(() => graphMachine(spec)) !== null;
        refuted += found ? 1 : 0;
        expect(found).toBe(isRefuted(spec));
      }),
      { numRuns: 300 },
    );
    expect(refuted).toBeGreaterThan(50);
    expect(refuted).toBeLessThan(290);
  });

  it("and the lasso is a way through the graph that never meets the claim after it is owed, and is fair", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const { graph } = explore(() => graphMachine(spec));
        const lasso = lassoOf(() => graphMachine(spec));
        fc.pre(lasso !== null);
        const moves = movesOf(spec);
        const name = (state: number): number => graph.wordsOf(state)[0] ?? -1;
        const way = [...lasso.stem, ...lasso.loop.slice(1)].map(name);
        const loop = lasso.loop.map(name);
        expect(way[0]).toBe(0);
        expect(loop.at(-1)).toBe(loop[0]);
        for (const [index, to] of way.slice(1).entries()) {
          expect(moves.some((move) => move[0] === way[index] && move[1] === to)).toBe(true);
        }
        const inner = moves.filter(([from, to]) => loop.some((at, index) => at === from && loop[index + 1] === to));
        expect(isFairLoop([...new Set(loop)], inner, moves)).toBe(true);
        expect(loop.some((state) => spec.goals.includes(state))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("components are the classes of mutual reachability", () => {
    fc.assert(
      fc.property(steps, (pairs) => {
        const sorted = [...pairs].sort(([a], [b]) => a - b);
        const starts = Array.from({ length: size + 1 }, (_, index) => sorted.filter(([from]) => from < index).length);
        const component = components({ starts: ints(starts), targets: ints(sorted.map(([, to]) => to)) });
        const moves = pairs.map(([from, to]): Move => [from, to, null]);
        for (let one = 0; one < size; one += 1) {
          for (let other = 0; other < size; other += 1) {
            const isMutual = reachable([one], moves).has(other) && reachable([other], moves).has(one);
            expect(component[one] === component[other]).toBe(isMutual);
          }
        }
      }),
    );
  });
});
