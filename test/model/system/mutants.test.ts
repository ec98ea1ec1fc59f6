// @module-tag slow
import { describe, expect, it } from "vitest";
import { system } from "../../../model/system/system.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import { refute } from "../../../src/explore/properties/liveness.ts";
import { explore, machineOf } from "../../explore/alone.ts";

/** By property: the steps of the counterexample; of a lasso its stem. */
function refuted(scope: Readonly<Record<string, number>>, id: string | null) {
  const { reference, graph, violated } = explore(machineOf(system, scope, id));
  const { machine } = reference;
  const states = machine.properties.flatMap((property) => {
    const steps = violated.get(property.claim);
    return steps === undefined ? [] : [{ property: property.id, steps: steps.length, kind: "state" }];
  });
  if (states.length > 0) return states;
  return machine.properties.flatMap((property) => {
    const lasso = property.kind === "eventually" ? refute(graph, machine, property) : null;
    return lasso === null ? [] : [{ property: property.id, steps: lasso.stem.length - 1, kind: "lasso" }];
  });
}

describe("the mutants of the system model", () => {
  it("are those of the model", () => {
    expect(modelMutants.map(({ id }) => id).sort()).toEqual(Object.keys(system.mutants).sort());
  });

  it.each(modelMutants)("$id breaks $property after $steps steps, a $kind", ({ id, scope, property, steps, kind }) => {
    expect(Object.keys(scope)).toEqual(Object.keys(system.scope));
    expect(refuted(scope, id)).toContainEqual({ property, steps, kind });
  });

  it.each([...new Map(modelMutants.map(({ scope }) => [JSON.stringify(scope), scope]))])(
    "would not have been found with the right rules: %s",
    (_text, scope) => expect(refuted(scope, null)).toEqual([]),
  );
});
