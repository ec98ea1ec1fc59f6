/** A mutant of the scripts: one edit of one file. */
import type { PropertyId } from "../../../src/check/properties.ts";

export interface ScriptMutant {
  readonly id: string;
  /** The mistake that it represents. */
  readonly why: string;
  readonly file: string;
  /** Stands in the file exactly once; else the mutant is void. */
  readonly find: string;
  readonly replace: string;
  readonly property: PropertyId;
  /**
   * concurrent: shows only when several clients' calls are on their way at once; one call after another never meets it.
   * sequential: the plans of concurrent runs have no such calls.
   */
  readonly style?: "concurrent" | "sequential";
}
