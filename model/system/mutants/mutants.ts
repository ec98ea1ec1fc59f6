/** All mutants of the `system` model, by id. */
import { clientMutants } from "./clients.ts";
import { clockMutants } from "./clock.ts";
import { formerPrimaryMutants } from "./former-primaries.ts";
import { groupMutants } from "./groups.ts";
import { followingMutants, versionMutants, viewMutants } from "./instances.ts";
import type { Mutant } from "./mutant.ts";
import { changeMutants, epochMutants, incarnationMutants, reservationMutants } from "./store.ts";

export const mutants: Readonly<Record<string, Mutant>> = {
  ...epochMutants,
  ...formerPrimaryMutants,
  ...changeMutants,
  ...followingMutants,
  ...incarnationMutants,
  ...reservationMutants,
  ...groupMutants,
  ...versionMutants,
  ...viewMutants,
  ...clientMutants,
  ...clockMutants,
};

/** @throws RangeError for an id that there is not: the right rules must not be judged in a mutant's name */
export function mutantOf(id: string): Mutant {
  const mutant = Object.hasOwn(mutants, id) ? mutants[id] : undefined;
  if (mutant === undefined) throw new RangeError(`the system model has no mutant ${JSON.stringify(id)}`);
  return mutant;
}
