/** The token of a batch of conform, or of one of its plans. */

import { encodeToken } from "../evidence/token.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import type { Plan } from "./plan/plan.ts";

export interface TokenSource {
  readonly seed: number;
  /** How many plans the batch has run. */
  readonly runs: number;
  readonly mutant?: string;
  readonly concurrent?: boolean;
}

export function nameOf({ name, fingerprint }: ScriptSet): string {
  return `${name}@${fingerprint}`;
}

/** @param plan null: the token of the whole batch */
export function tokenOf(
  { seed, runs, mutant, concurrent }: TokenSource,
  scripts: ScriptSet,
  plan: Plan | null,
): string {
  return encodeToken({
    subject: "conform",
    seed,
    layer: "conform",
    script_set: nameOf(scripts),
    ...(plan ? { plan } : { runs, ...(concurrent === true ? { options: { concurrent } } : {}) }),
    ...(mutant === undefined ? {} : { mutant }),
  });
}
