/**
 * The contract of the store's ports on a real Redis, one claim per check: the assumptions of the simulator about a real store.
 * A check is quick, changes one thing, and reports what it found.
 */
import type { Millis } from "../../check/history.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { ContractWorld } from "./world.ts";

export interface ContractCheck {
  /** Unique; after `contract-` the subject of its token. */
  readonly id: string;
  readonly property: PropertyId;
  readonly claim: string;
  /** It measures what other checks beside it would change. */
  readonly isAlone?: true;
  readonly run: (world: ContractWorld) => Promise<Found>;
}

export interface Found {
  /** How often the premise of the claim was met. */
  readonly exercised: number;
  /** One explanation per violation; its first line says what was found and what was allowed. */
  readonly violations: readonly (readonly string[])[];
  /** Why it cannot be said on so busy a machine. */
  readonly open?: string;
}

export function found(exercised: number, ...violations: readonly (readonly string[] | null)[]): Found {
  return { exercised, violations: violations.filter((explanation) => explanation !== null) };
}

/** ms added to a bound: the machine may be busy, and mutants are later by far. */
export const tolerance: Millis = 400;
/** ms added to the bound of the quickest of several attempts, of which a busy machine does not delay all. */
export const shortTolerance: Millis = 60;

/** @param attempt returns how long it took */
export async function quickest(times: number, attempt: () => Promise<Millis>): Promise<Millis> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < times; index += 1) least = Math.min(least, await attempt());
  return least;
}
