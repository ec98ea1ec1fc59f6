import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Machine } from "../../../model/language/machine.ts";
import { jobStore } from "../../../model/system/job-store.ts";
import { system } from "../../../model/system/system.ts";
import type { Timeline } from "../../../src/evidence/timeline.ts";
import { ReferenceInterpreter, type Successor } from "../../../src/explore/properties/reference-interpreter.ts";
import { completeScope } from "../../../src/explore/scope.ts";
import { pictureOf } from "../../../src/explore/view/picture.ts";
import { changeLines } from "../../../src/explore/view/state-text.ts";
import { sampleToken } from "../../report/sample.ts";
import { machineOf } from "../alone.ts";

interface Walk {
  readonly steps: readonly Successor[];
  /** The changes of fields that the explorer reports, by steps. */
  readonly changes: readonly (readonly string[])[];
}

/** Wherever the choices lead: each takes one of the successors. */
function walk(reference: ReferenceInterpreter, choices: readonly number[]): Walk {
  const steps: Successor[] = [];
  const changes: (readonly string[])[] = [];
  let words = reference.expander.initial();
  for (const choice of choices) {
    const found = reference.successors(Int32Array.from(words), 0);
    const taken = found[choice % Math.max(1, found.length)];
    if (taken === undefined) break;
    const before = reference.fieldsAt(Int32Array.from(words), 0);
    words = taken.words;
    steps.push(taken);
    changes.push(changeLines(before, reference.fieldsAt(Int32Array.from(words), 0)));
  }
  return { steps, changes };
}

function drawn(model: string, scope: Readonly<Record<string, number>>, machine: Machine, { steps }: Walk): Timeline {
  const [property] = machine.properties;
  if (property === undefined) throw new TypeError("a machine without properties");
  const first = new ReferenceInterpreter(model, machine).expander.initial();
  return pictureOf({
    ...{ model, scope, machine, property, first, steps },
    ...{ id: "J1", stem: null, found: "", title: "", token: sampleToken, pointOfNoReturnStates: 0 },
  });
}

const sent = /^net: \+|\.(isWoken: false -> true|change: none -> |page\.version: none -> )/;
const ended = /^net: -|\.(isWoken: true -> false|change: .* -> none|page\.version: .* -> none)$/;

const large = {
  ...{ nodes: 1, jobs: 2, instances: 2, faults: 4, incarnations: 2, replicas: 1 },
  ...{ messages: 3, sequences: 6, epochs: 3 },
};
/** By model. */
const met = new Map<string, Set<string>>();

describe.each([
  ...[large, { ...large, formerPrimaries: 1, lostServers: 3 }, { ...large, ttl: 2 }].map((scope) => ({
    name: "system",
    build: machineOf(system, scope),
    scope: completeScope(system as never, scope),
  })),
  {
    name: "job-store",
    build: machineOf(jobStore, { nodes: 2, instances: 2 }),
    scope: completeScope(jobStore as never, { nodes: 2, instances: 2 }),
  },
])("any walk through $name", ({ name, build, scope }) => {
  const machine = build();
  const reference = new ReferenceInterpreter(name, machine);
  const own = met.get(name) ?? new Set<string>();
  met.set(name, own);

  it("is drawn with each thing sent once, and taken off its way once, by the step that did it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 40, maxLength: 80 }), (choices) => {
        const taken = walk(reference, choices);
        const { events, messages } = drawn(name, scope, machine, taken);
        for (const [index, step] of taken.steps.entries()) {
          const action = machine.actions[step.action]?.name ?? "";
          own.add(action);
          expect(events[index]?.words).not.toContain(`${action}(`);
          const posted = messages.filter((each) => each.sent !== each.ended && each.fate !== "repeated");
          const begun = posted.filter((each) => each.sent === index).length;
          const over = posted.filter((each) => each.ended === index).length;
          expect({ action, begun, over }).toEqual({
            action,
            begun: taken.changes[index]?.filter((change) => sent.test(change)).length,
            over: taken.changes[index]?.filter((change) => ended.test(change)).length,
          });
        }
      }),
      { numRuns: 80 },
    );
  });
});

it.each([
  ["system", machineOf(system, large)],
  ["job-store", machineOf(jobStore, {})],
] as const)("the walks through %s met every action", (name, build) => {
  expect([...(met.get(name) ?? [])].sort()).toEqual(
    build()
      .actions.map((action) => action.name)
      .sort(),
  );
});
