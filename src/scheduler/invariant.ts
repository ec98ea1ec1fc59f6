/** Invariants that hold whatever the world does. A breach is a bug: the scheduler stops rather than continue with a wrong view. */

export type Facts = Readonly<Record<string, unknown>>;

export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly facts: Facts;

  constructor(claim: string, facts: Facts) {
    super(`does not hold: ${claim}; ${JSON.stringify(facts)}`);
    this.facts = facts;
  }
}

/** @throws InvariantError when `holds` is false; stays on in production */
export function invariant(holds: boolean, claim: string, facts: Facts): asserts holds {
  if (!holds) throw new InvariantError(claim, facts);
}
