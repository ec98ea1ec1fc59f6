/** What a check of the model says: which property does not hold, and what was found. */

export interface Broken {
  /** By its id in docs/properties.md. */
  readonly property: string;
  /** What was found and what was allowed, with the names. */
  readonly message: string;
}

/** A claim, with what there is to say where it does not hold. */
export type Claim = readonly [holds: boolean, property: string, message: string];

export function failed(claims: readonly Claim[]): readonly Broken[] {
  return claims.filter(([holds]) => !holds).map(([, property, message]) => ({ property, message }));
}
