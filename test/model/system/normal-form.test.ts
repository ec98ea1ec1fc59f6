// @module-tag slow
/** Scope `normalForm=1` counts fewer states of the system model, with the same verdicts and witnesses. */
import { describe, expect, it } from "vitest";
import { names } from "../../../model/language/domain.ts";
import type { Action, Machine } from "../../../model/language/machine.ts";
import type { State } from "../../../model/system/state.ts";
import { system } from "../../../model/system/system.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import { compileExpander } from "../../../src/explore/search/expander.ts";
import { type Alone, explore, machineOf } from "../../explore/alone.ts";

type Numbers = Readonly<Record<string, number>>;

const tiny: Numbers = { jobs: 1, incarnations: 1, heartbeats: 0, feedEntries: 2, sequences: 3, liveness: 0 };
const scopes: readonly (readonly [what: string, scope: Numbers])[] = [
  ["one of everything", tiny],
  ["two jobs", { ...tiny, jobs: 2 }],
  ["two instances", { ...tiny, instances: 2, faults: 0, sequences: 2 }],
  ["two nodes", { ...tiny, nodes: 2, faults: 0, sequences: 2 }],
  ["two lives and their heartbeats", { ...tiny, incarnations: 2, heartbeats: 1, faults: 0 }],
  ["three kinds of fault", { ...tiny, faults: 0, lostAnswers: 1, repeats: 1, lostServers: 1, sequences: 2 }],
  [
    "a former primary",
    {
      ...{ ...tiny, faults: 0, epochs: 3, sequences: 2, laterSequences: 1, feedEntries: 1, messages: 1 },
      ...{ replicas: 1, formerPrimaries: 1, lostServers: 2 },
    },
  ],
  [
    "a clock",
    { ...tiny, faults: 0, lostAnswers: 1, lostServers: 1, sequences: 2, feedEntries: 1, messages: 1, ttl: 3 },
  ],
  ["a replica", { ...tiny, faults: 0, replicas: 1, lostServers: 1, sequences: 2 }],
];

/** By claim: how it was refuted, or whether anything was seen of it. */
function outcomes({ violated, reference, tallies }: Alone): Readonly<Record<string, number | "held" | "never met">> {
  return Object.fromEntries(
    reference.machine.properties.map(({ claim }, index) => {
      const steps = violated.get(claim)?.length;
      return [claim, steps ?? ((tallies[index]?.exercised ?? 0) > 0 ? "held" : "never met")];
    }),
  );
}

/** How many faults of each kind a state may have behind it that did nothing. */
const numbers = [0, 1, 2];

/**
 * The states of `whole` of which `kept` has nothing: neither their normal forms, nor those with fewer faults behind them.
 * A state with fewer faults behind it can do all that the other can.
 */
function missing(whole: Alone, kept: Alone, machine: Machine): number {
  const found = { is: false };
  const stay: Action = { name: "Stay", over: [], next: () => true };
  const look = (...words: readonly number[]): void => {
    found.is ||= kept.graph.find(words) >= 0;
  };
  const normal = compileExpander({ ...machine, actions: [stay] }, { emit: look });
  const fewer = names("fault", numbers.length, false);
  const undo: Action = {
    name: "Undo",
    over: [fewer, fewer, fewer],
    next: (({ faults }: State, any: number, answers: number, repeats: number) => {
      if (faults.any < any || faults.answers < answers || faults.repeats < repeats) return false;
      faults.any -= any;
      faults.answers -= answers;
      faults.repeats -= repeats;
      return true;
    }) as Action["next"],
  };
  const undone = compileExpander({ ...machine, actions: [undo] }, { emit: look });
  let count = 0;
  for (let state = 0; state < whole.unique; state += 1) {
    const { states, offset } = whole.graph.at(state);
    found.is = false;
    normal.expand(states, offset);
    if (!found.is) undone.expand(states, offset);
    if (!found.is) count += 1;
  }
  return count;
}

describe("the normal form of the system model", () => {
  it.each(scopes)("makes no difference to what is said of %s", (_what, scope) => {
    const whole = explore(machineOf(system, scope));
    const build = machineOf(system, { ...scope, normalForm: 1 });
    const kept = explore(build);
    expect(kept.crash).toBeUndefined();
    expect(outcomes(kept)).toEqual(outcomes(whole));
    expect(kept.unique).toBeLessThan(whole.unique);
    expect(missing(whole, kept, build())).toBe(0);
  });

  it.each(modelMutants.filter(({ kind }) => kind === "state"))(
    "does not hide $id, nor make its counterexample longer or shorter",
    ({ id, scope, property, steps }) => {
      const { violated, reference } = explore(machineOf(system, { ...scope, liveness: 0, normalForm: 1 }, id));
      const lengths = reference.machine.properties
        .filter((each) => each.id === property)
        .flatMap(({ claim }) => violated.get(claim)?.length ?? []);
      expect(lengths).toContain(steps);
    },
  );

  it.each<[string, (state: State) => void]>([
    [
      "that an asked job was dispatched",
      (state) => {
        for (const j of state.job.values.keys()) state.dispatched = state.dispatched.without(j);
      },
    ],
    [
      "the answer that is in flight",
      (state) => {
        for (const instance of state.instance.values) instance.change = null;
      },
    ],
    [
      "a request that no client waits for any more",
      (state) => {
        for (const message of [...state.net])
          if (message.kind === "Reserve" && state.job.get(message.j).kind !== "asked") state.net.delete(message);
      },
    ],
  ])("would be noticed if it were %s", (_what, forget) => {
    const scope = { ...tiny, sequences: 4 };
    const whole = explore(machineOf(system, scope));
    const right = machineOf(system, { ...scope, normalForm: 1 });
    const build = (): Machine => {
      const machine = right();
      const normal = (state: State): void => {
        (machine.normal as ((state: State) => void) | undefined)?.(state);
        forget(state);
      };
      return { ...machine, normal: normal as NonNullable<Machine["normal"]> };
    };
    const kept = explore(build);
    const isSame = JSON.stringify(outcomes(kept)) === JSON.stringify(outcomes(whole));
    expect({ isSame, missing: missing(whole, kept, build()) }).not.toEqual({ isSame: true, missing: 0 });
  });
});
