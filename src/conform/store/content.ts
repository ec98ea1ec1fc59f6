/** A store's whole content in one shape for both sides: key -> value, versions by the model's names. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Content = ReadonlyMap<string, Json>;

export interface Difference {
  /** Where, from the key inwards. */
  readonly path: readonly string[];
  readonly model: Json | undefined;
  readonly store: Json | undefined;
}

/** The first place, in order of keys, where the two are not the same. */
export function firstDifference(model: Content, store: Content): Difference | null {
  const keys = [...new Set([...model.keys(), ...store.keys()])].sort();
  for (const key of keys) {
    const found = differ([key], model.get(key), store.get(key));
    if (found) return found;
  }
  return null;
}

/** Milliseconds since 1970, as text: no other number is as long. */
export function isInstant(value: unknown): boolean {
  return typeof value === "string" && /^\d{12,15}$/u.test(value);
}

export function differ(path: readonly string[], model: Json | undefined, store: Json | undefined): Difference | null {
  if (model === store) return null;
  if (!isBranch(model) || !isBranch(store) || Array.isArray(model) !== Array.isArray(store))
    return { path, model, store };
  const before = entriesOf(model);
  const after = entriesOf(store);
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const found = differ([...path, key], before.get(key), after.get(key));
    if (found) return found;
  }
  return null;
}

function isBranch(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

function entriesOf(value: readonly Json[] | { readonly [key: string]: Json }): ReadonlyMap<string, Json> {
  return new Map(Object.entries(value));
}
