/** Planted bugs, and how soon and how plainly conform has to find one. */
import type { ScriptMutant } from "../../scenarios/mutants/scripts/registry.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import type { Plan } from "../../src/conform/plan/plan.ts";
import { type ConformEvidence, type ConformOptions, runConform } from "../../src/conform/run.ts";
import type { Violation } from "../../src/evidence/evidence.ts";
import { decodeToken } from "../../src/evidence/token.ts";

export const conform = (options: Partial<ConformOptions> & { seed: number; runs: number }): Promise<ConformEvidence> =>
  runConform({ signal: new AbortController().signal, now: () => performance.now(), ...options });

/** Another property that a mutant may break first: which one it is depends on the calls that meet the bug. */
const alsoBreaks: Readonly<Record<string, PropertyId>> = {
  // The registration that is taken for a new one may be of a life that has ended.
  "register-not-idempotent": "N1",
  "retry-forgotten-by-epoch": "N1",
  // A job that ends twice makes a change that the model does not make.
  "complete-unchecked": "V1",
  "clamped-at-zero": "V1",
  // A chunk that is taken for a heartbeat, or is not, changes the health or does not.
  "every-chunk-renews-the-node": "V1",
  "first-chunk-required": "V1",
  // By the clock of the server the lease itself is compared within bounds, and as a part of what the script leaves.
  "lease-shortened-by-heartbeat": "K7",
};

export function propertiesOf({ id, property }: Pick<ScriptMutant, "id" | "property">): readonly PropertyId[] {
  return [property, alsoBreaks[id] ?? property];
}

/** About what 300 runs send. */
const mostCommands = 14_000;
/** Steps of a shrunk plan: a reply that is cut short takes many changes, a life that ended some changes ago takes those. */
const mostMoves: Readonly<Record<string, number>> = {
  "one-chunk-of-changes": 24,
  "leave-of-an-old-life": 12,
  "heartbeat-of-an-old-life": 12,
  "all-past-epochs": 40,
  "first-epoch-forgotten": 40,
};

export const planOf = ({ token }: Violation): Plan => decodeToken(token).plan as Plan;

interface Planted {
  readonly mutant: string;
  /** One of these is to be named. */
  readonly properties: readonly PropertyId[];
  readonly concurrent?: boolean;
}

/** Returns a violation that one of five seeds finds soon and shrinks, or null. Finds are chance, and a changed generator draws anew. */
export async function soonFound({ mutant, properties, concurrent = false }: Planted): Promise<Violation | null> {
  for (const seed of [1, 2, 3, 4, 5]) {
    const found = await conform({ seed, runs: 300, mutant, concurrent });
    // Keys are watched in a pass of its own, after a batch in which nothing departed from the model.
    const watched = found.properties.find(({ id }) => id === "K1")?.exercised ?? 0;
    const violation = found.violations.find(({ property }) => properties.includes(property));
    const isSoon = (violation?.property === "K1" ? watched : found.json.commands) <= mostCommands;
    if (violation !== undefined && isSoon && planOf(violation).moves.length <= (mostMoves[mutant] ?? 8))
      return violation;
  }
  return null;
}
