/** One text for a pair of ids, whatever is in them. */
export function pairKey(one: string, other: string): string {
  return `${one.length}:${one}${other}`;
}
