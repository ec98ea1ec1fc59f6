/** The result of a check of the model: the property that does not hold, and what was found. */

export interface Broken {
  /** By its id in docs/properties.md. */
  readonly property: string;
  /** Found and allowed, with the names. */
  readonly message: string;
}

/** A claim, with what there is to say where it does not hold. */
export type Claim = readonly [holds: boolean, property: string, message: string];

export function failed(claims: readonly Claim[]): readonly Broken[] {
  return claims.filter(([holds]) => !holds).map(([, property, message]) => ({ property, message }));
}
