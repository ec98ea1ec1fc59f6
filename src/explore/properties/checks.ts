/** Properties of single states, evaluated in every state that is expanded. */
import type { Predicate, Property } from "../../../model/language/machine.ts";

/** The findings about one property. */
export interface Tally {
  /** In how many states its premise was met; for `sometimes`, in how many it held. */
  exercised: number;
  /** The first state that violates it (`always`), or where it holds (`sometimes`), as all threads know it; -1: none. */
  first: number;
}

export interface Check {
  readonly property: Property;
  /** @param state the number by which all threads know the state that the draft is */
  look(draft: unknown, state: number): void;
}

/** @param tallies one a property, in the same order */
export function checksOf(properties: readonly Property[], tallies: readonly Tally[]): readonly Check[] {
  return properties.flatMap((property, index) => {
    const tally = tallies[index];
    return tally === undefined ? [] : [{ property, look: lookOf(property, tally) }];
  });
}

function lookOf(property: Property, tally: Tally): Check["look"] {
  switch (property.kind) {
    case "always":
      return lookAlways(property.holds as Ask, property.premise as Ask | undefined, tally);
    case "sometimes":
      return lookSometimes(property.holds as Ask, tally);
    case "eventually":
      return lookSometimes((property.after ?? never) as Ask, tally);
  }
}

/** The machine's own types ended where its parts were put together. */
type Ask = (draft: unknown) => boolean;
const never: Predicate = () => false;

function lookAlways(holds: Ask, premise: Ask | undefined, tally: Tally): Check["look"] {
  return (draft, state) => {
    if (premise === undefined || premise(draft)) tally.exercised += 1;
    if (!holds(draft) && tally.first < 0) tally.first = state;
  };
}

function lookSometimes(holds: Ask, tally: Tally): Check["look"] {
  return (draft, state) => {
    if (!holds(draft)) return;
    tally.exercised += 1;
    if (tally.first < 0) tally.first = state;
  };
}
