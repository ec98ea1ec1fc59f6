import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Machine, Property } from "../../../model/language/machine.ts";
import { owedSince, pointOfNoReturn } from "../../../src/explore/properties/point-of-no-return.ts";
import { type GraphSpec, graphMachine } from "../search/graph-machine.ts";

type Steps = readonly (readonly [number, number])[];

/** A graph with an `always` that is broken in the bad states. */
function safety(spec: Omit<GraphSpec, "goals">, bad: readonly number[]): { machine: Machine; property: Property } {
  const machine = graphMachine({ ...spec, goals: [] });
  const holds = ({ at }: { readonly at: number }): boolean => !bad.includes(at);
  return {
    machine,
    property: { kind: "always", id: "V1", claim: "is not bad", holds: holds as (state: never) => boolean },
  };
}

function liveness(spec: GraphSpec): { machine: Machine; property: Property } {
  const machine = graphMachine(spec);
  const [property] = machine.properties;
  if (property === undefined) throw new TypeError("no property");
  return { machine, property };
}

const along = (...states: readonly number[]) => states.map((state) => [state]);
const mostStates = 1_000;

describe("the point of no return of a counterexample to an always", () => {
  const forced: Steps = [
    [0, 1],
    [1, 2],
    [2, 3],
  ];

  it("is where every fair continuation breaks the property", () => {
    const spec = {
      nodes: 5,
      actions: {
        may: {
          steps: [
            [0, 1],
            [0, 4],
          ] as Steps,
        },
        must: {
          steps: [
            [1, 2],
            [2, 3],
          ] as Steps,
          fair: "some" as const,
        },
      },
    };
    expect(pointOfNoReturn({ ...safety(spec, [3]), path: along(0, 1, 2, 3), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 1,
      isFirst: true,
    });
  });

  it("is the start where every continuation breaks the property", () => {
    const spec = { nodes: 4, actions: { must: { steps: forced, fair: "some" as const } } };
    expect(pointOfNoReturn({ ...safety(spec, [3]), path: along(0, 1, 2, 3), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 0,
    });
  });

  it("is not before the last step where nothing has to happen", () => {
    const spec = { nodes: 4, actions: { may: { steps: forced } } };
    expect(pointOfNoReturn({ ...safety(spec, [3]), path: along(0, 1, 2, 3), mostStates })).toMatchObject({
      kind: "avoidable",
    });
  });

  it("is not there where a loop keeps the property, and is where that loop is not fair", () => {
    const turn: Steps = [
      [1, 2],
      [2, 1],
    ];
    const spec = (fair: "some" | undefined) => ({
      nodes: 4,
      actions: {
        begin: { steps: [[0, 1]] as Steps, fair: "some" as const },
        turn: { steps: turn, fair: "some" as const },
        leave: {
          steps: [
            [1, 3],
            [2, 3],
          ] as Steps,
          ...(fair ? { fair } : {}),
        },
      },
    });
    expect(pointOfNoReturn({ ...safety(spec(undefined), [3]), path: along(0, 1, 3), mostStates })).toMatchObject({
      kind: "avoidable",
    });
    expect(pointOfNoReturn({ ...safety(spec("some"), [3]), path: along(0, 1, 3), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 0,
    });
  });

  it("says that it was not computed where there is too much to look at, and as much as it knows", () => {
    const long = Array.from({ length: 50 }, (_, at): readonly [number, number] => [at, at + 1]);
    const spec = { nodes: 52, actions: { must: { steps: long, fair: "some" as const } } };
    const path = along(...Array.from({ length: 51 }, (_, at) => at));
    const question = { ...safety(spec, [50]), path };
    expect(pointOfNoReturn({ ...question, mostStates: 0 })).toMatchObject({ kind: "too_many" });
    expect(pointOfNoReturn({ ...question, mostStates: 10 })).toMatchObject({
      kind: "inevitable",
      state: 46,
      isFirst: false,
    });
    expect(pointOfNoReturn({ ...question, mostStates: 10_000 })).toMatchObject({
      kind: "inevitable",
      state: 0,
      isFirst: true,
    });
  });
});

describe("the point of no return of a counterexample to an eventually", () => {
  const trap: GraphSpec = {
    nodes: 4,
    actions: {
      may: {
        steps: [
          [0, 1],
          [0, 3],
          [1, 2],
        ],
      },
      round: { steps: [[2, 2]] },
    },
    goals: [3],
  };

  it("is where no goal can be reached any more", () => {
    expect(pointOfNoReturn({ ...liveness(trap), path: along(0, 1, 2), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 1,
    });
  });

  it("is not there where the path may rest but need not", () => {
    const spec: GraphSpec = { nodes: 2, actions: { may: { steps: [[0, 1]] } }, goals: [1] };
    expect(pointOfNoReturn({ ...liveness(spec), path: along(0), mostStates })).toMatchObject({ kind: "avoidable" });
  });

  it("is the last state, where only that one cannot reach a goal", () => {
    const spec: GraphSpec = {
      nodes: 3,
      actions: {
        may: {
          steps: [
            [0, 1],
            [0, 2],
          ],
        },
      },
      goals: [2],
    };
    expect(pointOfNoReturn({ ...liveness(spec), path: along(0, 1), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 1,
    });
  });

  it("is where a goal is reached and always left to owe it again", () => {
    const fair = "some" as const;
    const spec: GraphSpec = {
      nodes: 3,
      actions: {
        on: {
          steps: [
            [0, 1],
            [1, 2],
          ],
          fair,
        },
      },
      goals: [1],
      after: [0, 2],
    };
    expect(pointOfNoReturn({ ...liveness(spec), path: along(0, 1, 2), mostStates })).toMatchObject({
      kind: "inevitable",
      state: 0,
    });
  });

  it("is owed since the last time that it began to be", () => {
    const spec: GraphSpec = {
      nodes: 4,
      actions: {
        may: {
          steps: [
            [0, 1],
            [1, 2],
            [2, 3],
          ],
        },
      },
      goals: [1],
      after: [0, 2],
    };
    expect(owedSince({ ...liveness(spec), path: along(0, 1, 2, 3) })).toBe(2);
    expect(owedSince({ ...liveness({ nodes: 2, actions: {}, goals: [1] }), path: along(0) })).toBe(0);
  });
});

/** Every set of good states that one can go round in, or rest in, fairly: by trying them all. */
function isInevitable(actions: GraphSpec["actions"], bad: readonly number[], nodes: number, from: number): boolean {
  const moves = Object.entries(actions).flatMap(([name, { steps, fair }]) =>
    steps
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ a, b, demand: fair === undefined ? null : fair === "some" ? name : `${name} ${b}` })),
  );
  const good = (state: number): boolean => !bad.includes(state);
  const reach = (start: number, within: (state: number) => boolean): ReadonlySet<number> => {
    const found = new Set([start]);
    for (const at of found) for (const { a, b } of moves) if (a === at && within(b)) found.add(b);
    return found;
  };
  const reachable = reach(from, good);
  for (let bits = 1; bits < 2 ** nodes; bits += 1) {
    const members = Array.from({ length: nodes }, (_, state) => state).filter((state) => (bits >> state) & 1);
    const isIn = (state: number): boolean => members.includes(state);
    if (!members.every((state) => reachable.has(state) && good(state))) continue;
    if (!members.every((state) => members.every((other) => reach(state, isIn).has(other)))) continue;
    const demands = new Set(moves.flatMap(({ demand }) => demand ?? []));
    const isFair = [...demands].every(
      (demand) =>
        moves.some((move) => move.demand === demand && isIn(move.a) && isIn(move.b)) ||
        members.some((state) => !moves.some((move) => move.demand === demand && move.a === state)),
    );
    if (isFair) return false;
  }
  return true;
}

describe("the point of no return", () => {
  const nodes = 5;
  const step = fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1));
  const action = fc.record({
    steps: fc.array(step, { maxLength: 6 }),
    fair: fc.constantFrom("some", "each", undefined),
  });
  const seen = { inevitable: 0, avoidable: 0 };

  it("is what trying every set of states finds, in any graph", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 3 }), (list) => {
        const actions = Object.fromEntries(list.map(({ steps, fair }, index) => [`a${index}`, { steps, fair }]));
        // One more state than the path has: the last one is bad and stands at its end.
        const bad = [nodes - 1];
        for (let from = 0; from < nodes - 1; from += 1) {
          const answer = pointOfNoReturn({
            ...safety({ nodes, actions }, bad),
            path: along(from, nodes - 1),
            mostStates,
          });
          // With a path of one step, the answer is about its first state.
          const expected = isInevitable(actions, bad, nodes, from);
          seen[expected ? "inevitable" : "avoidable"] += 1;
          expect(answer.kind).toBe(expected ? "inevitable" : "avoidable");
        }
      }),
      { numRuns: 150 },
    );
  });

  it("was tried on both kinds", () => {
    expect(Math.min(seen.inevitable, seen.avoidable)).toBeGreaterThan(20);
  });
});
