/** Equality of the model's values by content: numbers, strings, null, arrays, maps and plain records of these. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Map || b instanceof Map) return a instanceof Map && b instanceof Map && equalMaps(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return equalMaps(new Map(Object.entries(a)), new Map(Object.entries(b)));
}

/** The order in which entries were added does not count. */
function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)));
}
