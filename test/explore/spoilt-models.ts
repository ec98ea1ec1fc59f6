/** Models that do something wrong, and small ones that do something special: a table like the explorer's own. */
import { integer, type Names, names } from "../../model/language/domain.ts";
import { actionsOf, type Machine, type Model, propertiesOf, type Scope } from "../../model/language/machine.ts";
import { mapOf, struct } from "../../model/language/schema.ts";
import type { ModelTable } from "../../src/explore/models.ts";
import { graphMachine } from "./search/graph-machine.ts";

interface Spoil {
  /** The value of the counter after a step. */
  readonly step?: (count: number) => number;
  readonly holds?: (count: number) => boolean;
  readonly witness?: (count: number) => boolean;
  readonly id?: string;
  /** A change that `when` makes to the state besides answering. */
  readonly meddle?: (state: { count: number }) => void;
  /** A change made to a state before it is kept. */
  readonly normal?: (state: { count: number }) => void;
}

/** Counts to 9 and stays there. */
function counter({
  step = (count) => count + 1,
  holds = () => true,
  witness,
  meddle,
  normal,
  id = "V1",
}: Spoil): Machine {
  const schema = struct({ count: integer(0, 9) });
  const action = actionsOf(schema);
  const { always, sometimes } = propertiesOf(schema);
  return {
    schema,
    normal: normal as Machine["normal"],
    initial: (state: { count: number }) => {
      state.count = 0;
    },
    actions: [
      action("Step", [], {
        when: (state) => {
          meddle?.(state);
          return state.count < 9;
        },
        next: (state) => {
          state.count = step(state.count);
          return true;
        },
      }),
    ],
    properties: [
      always(id, "counts well", (state) => holds(state.count)),
      ...(witness === undefined ? [] : [sometimes("V1", "comes to it", (state) => witness(state.count))]),
    ],
  };
}

/** Two kinds of thing that are all alike, each with a number that may grow: 4 ^ 3 states, or fewer when names do not count. */
export function pair(): Machine {
  const nodes = names("node", 3);
  const level = integer(0, 3);
  const schema = struct({ level: mapOf(nodes, level), chosen: nodes });
  const action = actionsOf(schema);
  const { always } = propertiesOf(schema);
  return {
    schema,
    initial: () => {},
    actions: [
      action("Grow", [nodes], {
        when: (state, node) => state.level.get(node) < 3,
        next: (state, node) => {
          state.level.set(node, state.level.get(node) + 1);
          state.chosen = node;
          return true;
        },
      }),
    ],
    properties: [always("V1", "not all are full", (state) => someIsNot(nodes, (node) => state.level.get(node) === 3))],
  };
}

function someIsNot(nodes: Names, is: (node: number) => boolean): boolean {
  return nodes.all.some((node) => !is(node));
}

function model(name: string, build: (scope: Scope) => Machine): () => Promise<Model> {
  return async () => ({
    name,
    scope: { S: { means: "size", least: 1, most: 9, standard: 4 } },
    mutants: { none: "nothing is different" },
    build,
  });
}

let turns = 0;

export const models: ModelTable = {
  counter: model("counter", () => counter({ witness: (count) => count === 7 })),
  "no-witness": model("no-witness", () => counter({ witness: (count) => count === 10 })),
  "unknown-property": model("unknown-property", () => counter({ id: "Z9" })),
  "property-throws": model("property-throws", () =>
    counter({
      holds: (count) => {
        if (count === 3) throw new TypeError("no answer");
        return true;
      },
    }),
  ),
  "action-throws": model("action-throws", () =>
    counter({
      step: (count) => {
        if (count === 3) throw new TypeError("no next");
        return count + 1;
      },
    }),
  ),
  "leaves-schema": model("leaves-schema", () => counter({ step: (count) => (count === 4 ? 12 : count + 1) })),
  "normal-throws": model("normal-throws", () =>
    counter({
      normal: ({ count }) => {
        if (count === 3) throw new TypeError("no normal form");
      },
    }),
  ),
  "normal-leaves-schema": model("normal-leaves-schema", () =>
    counter({
      normal: (state) => {
        if (state.count === 3) state.count = 12;
      },
    }),
  ),
  /** Its only step changes nothing. */
  "stands-still": model("stands-still", () => counter({ step: (count) => count })),
  /** Numbers that no property distinguishes any more: 6 to 9 are kept as 6. */
  forgetful: model("forgetful", () =>
    counter({
      step: (count) => (count === 6 ? 8 : count + 1),
      normal: (state) => {
        state.count = Math.min(state.count, 6);
      },
    }),
  ),
  /** A variable outside the state: what comes of it differs from one time to the next. */
  "hidden-state": model("hidden-state", () =>
    counter({
      step: (count) => {
        turns += 1;
        return (count + turns) % 10;
      },
    }),
  ),
  "when-changes": model("when-changes", () =>
    counter({
      meddle: (state) => {
        if (state.count === 5) state.count = 8;
      },
    }),
  ),
  "too-large": model("too-large", () => graphMachine({ nodes: 2 ** 31, actions: {}, goals: [] })),
  /** Only a cycle refutes it. */
  ring: model("ring", ({ S = 4 }) =>
    graphMachine({
      nodes: S + 1,
      goals: [S],
      actions: {
        turn: { steps: Array.from({ length: S }, (_, at) => [at, (at + 1) % S] as const), fair: "some" },
        leave: { steps: [[0, S]], fair: "some" },
      },
    }),
  ),
  /** The same, but the way out is open all the while. */
  "fair-ring": model("fair-ring", ({ S = 4 }) =>
    graphMachine({
      nodes: S + 1,
      goals: [S],
      actions: {
        turn: { steps: Array.from({ length: S }, (_, at) => [at, (at + 1) % S] as const), fair: "some" },
        leave: { steps: Array.from({ length: S }, (_, at) => [at, S] as const), fair: "some" },
      },
    }),
  ),
  pair: model("pair", pair),
};
