/** A wrong way to use Redis: the right one with a few lines changed, and which check of the contract has to notice. */
import type { PropertyId } from "../../../src/check/properties.ts";

export interface RedisMutant {
  readonly id: string;
  /** The change, and the origin of such a mistake. */
  readonly origin: string;
  /** The check of the contract that shows it: src/inject/contract/registry.ts. */
  readonly check: string;
  /** The property that it breaks. */
  readonly property: PropertyId;
  /** `file` from the root, in src/redis/, src/embed/ or lua/; `find` is in it exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

/** Makes mutants of one edit each, of files in a folder of src. */
export const mutantsIn =
  (folder: "redis" | "embed") =>
  (
    id: string,
    [check, property]: readonly [string, PropertyId],
    origin: string,
    [file, find, replace]: readonly [string, string, string],
  ): RedisMutant => ({
    ...{ id, check, property, origin: `${folder}: ${origin}` },
    edits: [{ file: `src/${folder}/${file}`, find, replace }],
  });
