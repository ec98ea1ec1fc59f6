/** The store's orders: ids by their bytes, jobs by their deadline and then by their bytes. */

/**
 * Compares by code point, which is how the UTF-8 bytes compare. `<` would not do: it compares UTF-16 units, and so puts
 * U+1F600 (a pair of surrogates, D83D …) before U+FF5E.
 * @returns negative, 0 or positive, as `sort` wants it
 */
export function compareBytes(a: string, b: string): number {
  for (let at = 0; ; at += 1) {
    const left = a.codePointAt(at) ?? -1; // -1, the end: a prefix comes first
    const right = b.codePointAt(at) ?? -1;
    if (left !== right || left === -1) return left - right;
  }
}

/** How many bytes the text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (codePoint < 0x80) bytes += 1;
    else if (codePoint < 0x800) bytes += 2;
    else if (codePoint < 0x10000) bytes += 3;
    else bytes += 4;
  }
  return bytes;
}

/** The names by score, lowest first, then by bytes: the order of a sorted set. */
export function byScore(scores: ReadonlyMap<string, number>): readonly string[] {
  return inOrder([...scores]);
}

/** As `byScore`, only those with a score of at most `limit`. */
export function dueBy(scores: ReadonlyMap<string, number>, limit: number): readonly string[] {
  const due: (readonly [string, number])[] = [];
  for (const each of scores) if (each[1] <= limit) due.push(each);
  return inOrder(due);
}

function inOrder(scored: readonly (readonly [string, number])[]): readonly string[] {
  return scored.toSorted(([a, left], [b, right]) => left - right || compareBytes(a, b)).map(([name]) => name);
}
