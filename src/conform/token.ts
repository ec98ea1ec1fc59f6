/** The token of a batch of conform, or of one of its plans. */

import { encodeToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
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
  const batch = { runs, options: concurrent === true ? { concurrent } : undefined };
  const token = { subject: "conform", seed, layer: "conform", script_set: nameOf(scripts), mutant } as const;
  return encodeToken(withoutUndefined({ ...token, ...(plan ? { plan } : batch) }));
}
