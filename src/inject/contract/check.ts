/**
 * The contract of the store's ports on a real Redis, one claim a check: what a simulator takes for granted because it has a store of its own.
 * A check is quick, does one thing to the world, and says what it found.
 */
import type { Millis } from "../../check/history.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { ContractWorld } from "./world.ts";

export interface ContractCheck {
  /** Unique; after `contract-` the subject of its token. */
  readonly id: string;
  readonly property: PropertyId;
  readonly claim: string;
  readonly run: (world: ContractWorld) => Promise<Found>;
}

export interface Found {
  /** How often the premise of the claim was met. */
  readonly exercised: number;
  /** One story a violation; its first line says what was found and what was allowed. */
  readonly violations: readonly (readonly string[])[];
}

export function found(exercised: number, ...violations: readonly (readonly string[] | null)[]): Found {
  return { exercised, violations: violations.filter((story) => story !== null) };
}

/** What a late answer is allowed beside its bound: the machine may be busy, and what is planted is later by far. */
export const patience: Millis = 400;
