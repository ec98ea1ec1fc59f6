/** Defects of a model as a program. They say nothing about the protocol: the run is broken, not violated. */
import { OutsideSchema } from "../../model/language/outside.ts";
import { BrokenRunError, messageOf } from "../evidence/failure.ts";

export interface Origin {
  readonly model: string;
  /** In words: which action or property, in which state. */
  readonly where: string;
}

/** An action threw, or left the schema. */
export function actionCrash({ model, where }: Origin, error: unknown): BrokenRunError {
  const isOutside = error instanceof OutsideSchema;
  const found = isOutside ? `a state outside its schema: ${error.message}` : `an action threw: ${messageOf(error)}`;
  const fix = isOutside
    ? "widen the bound in the model's schema, or guard the action"
    : "an action has to be total: guard it";
  return new BrokenRunError(`model ${model}: ${found}`, { where, fix }, error);
}

export function propertyCrash({ model, where }: Origin, error: unknown): BrokenRunError {
  const fix = "a property has to answer in every state; it is neither held nor violated";
  return new BrokenRunError(`model ${model}: a property threw: ${messageOf(error)}`, { where, fix }, error);
}

/** The same state gave other successors, or the same ones in another order, when it was expanded again. */
export function unrepeatable({ model, where }: Origin, first: string, second: string): BrokenRunError {
  return new BrokenRunError(
    `model ${model}: an action's order is not deterministic: ${first} the first time, ${second} the second`,
    { where, fix: "actions must depend on the state alone: no clock, no chance, no variable outside the state" },
  );
}
