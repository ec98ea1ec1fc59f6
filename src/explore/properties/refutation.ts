/** The refutation of a property: its counterexample as text and as a timeline. */
import type { Model, Property } from "../../../model/language/machine.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import type { Violation } from "../../evidence/evidence.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { Outcome } from "../outcome.ts";
import { scopeText, shortScope } from "../scope.ts";
import { Graph } from "../search/graph.ts";
import { pictureOf } from "../view/picture.ts";
import { type Counterexample, counterexampleLines, firstStateLines, retrace } from "./counterexample.ts";
import type { Successor } from "./reference-interpreter.ts";

/** A counterexample, and the steps from which its picture is made. */
interface Refutation {
  readonly counterexample: Counterexample;
  readonly property: Property;
  readonly taken: readonly Successor[];
}

/** One for each property that is violated, in the order of the model. */
export function refutationsOf({ reference, found, lassos, subject }: Outcome): readonly Refutation[] {
  if (found.kept.length === 0) return [];
  const graph = new Graph(reference.expander.packing.words, found.kept);
  const initial = firstStateLines(reference);
  return reference.machine.properties.flatMap((property, index): readonly Refutation[] => {
    const { id, claim, kind } = property;
    const claimed = { property: id, claim, initial };
    const lasso = lassos?.[index];
    const first = kind === "always" ? (found.tallies[index]?.first ?? -1) : -1;
    if (lasso) {
      const { steps, taken } = retrace(graph, reference, [...lasso.stem, ...lasso.loop.slice(1)], subject.isSymmetric);
      const stem = lasso.stem.length - 1;
      const counterexample = { ...claimed, steps: steps.slice(0, stem), loop: steps.slice(stem) };
      return [{ counterexample, property, taken }];
    }
    if (first < 0) return [];
    const { steps, taken } = retrace(graph, reference, graph.pathTo(first), subject.isSymmetric);
    return [{ counterexample: { ...claimed, steps }, property, taken }];
  });
}

export function violationOf(
  { model, subject, reference, pointOfNoReturnStates }: Outcome,
  { counterexample, property: broken, taken }: Refutation,
  token: string,
): Violation {
  const { property, claim, steps, loop } = counterexample;
  const found =
    loop === undefined
      ? `found otherwise after ${steps.length} steps, allowed never`
      : `after ${steps.length} steps it may never come to hold, by ${loop.length === 0 ? "resting" : `a loop of ${loop.length}`}`;
  const id = knownId(model, property, claim);
  const scenario = `${model.name} ${scopeText(shortScope(model, subject.scope))}${subject.mutant === null ? "" : ` ${subject.mutant}`}`;
  const timeline = pictureOf({
    ...{
      model: model.name,
      scope: subject.scope,
      machine: reference.machine,
      property: broken,
      id,
      found,
      token,
      pointOfNoReturnStates,
    },
    title: `explore ${scenario}`,
    first: reference.expander.initial(),
    steps: taken,
    stem: loop === undefined ? null : steps.length,
  });
  const story = [`${claim}: ${found}`, ...counterexampleLines(counterexample)];
  return { property: id, scenario, layer: "explore", token, story, files: [], timeline };
}

/** @throws BrokenRunError for an id that the registry has not */
export function knownId(model: Model, id: string, claim: string): PropertyId {
  const known = propertyIds.find((each) => each === id);
  if (known !== undefined) return known;
  throw new BrokenRunError(`model ${model.name}: property ${JSON.stringify(id)} is not in the registry`, {
    where: claim,
    fix: "use an id of docs/properties.md",
  });
}
