/** Machines that are nothing but a graph: one number for a state, and steps from one to another. */
import { integer } from "../../../model/language/domain.ts";
import { type Action, actionsOf, type Fairness, type Machine, propertiesOf } from "../../../model/language/machine.ts";
import { struct } from "../../../model/language/schema.ts";

interface GraphAction {
  readonly steps: readonly (readonly [from: number, to: number])[];
  readonly fair?: Fairness | undefined;
}

export interface GraphSpec {
  readonly nodes: number;
  readonly actions: Readonly<Record<string, GraphAction>>;
  /** It starts in 0 and has to come to one of these. */
  readonly goals: readonly number[];
  /** Each time it is in one of these; absent: from the start. */
  readonly after?: readonly number[] | undefined;
}

export function graphMachine({ nodes, actions, goals, after }: GraphSpec): Machine {
  const node = integer(0, nodes - 1);
  const schema = struct({ at: node });
  const action = actionsOf(schema);
  const { eventually } = propertiesOf(schema);
  return {
    schema,
    initial: () => {},
    actions: Object.entries(actions).map(([name, { steps, fair }]): Action => {
      const known = new Set(steps.map(([from, to]) => `${from} ${to}`));
      return action(name, [node], {
        when: (state, to) => known.has(`${state.at} ${to}`),
        next: (state, to) => {
          state.at = to;
          return true;
        },
        fair,
      });
    }),
    properties: [
      eventually(
        "V3",
        "comes to a goal",
        (state) => goals.includes(state.at),
        after === undefined ? undefined : (state) => after.includes(state.at),
      ),
    ],
  };
}
