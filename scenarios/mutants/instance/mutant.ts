/** A wrong scheduler that a check of an instance by itself shows. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { RedisMutant } from "../redis/mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

/** @param check which one has to notice, and its property */
export function mutant(id: string, check: readonly [string, PropertyId], origin: string, edit: Edit): RedisMutant {
  const [file, find, replace] = edit;
  return { id, origin, check: check[0], property: check[1], edits: [{ file, find, replace }] };
}
