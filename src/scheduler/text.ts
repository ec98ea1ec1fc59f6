/** Text as the protocol counts and orders it: by UTF-8 bytes, which is the order of code points (JavaScript's own is not). */
import type { LanguagePair } from "../protocol/node.ts";

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they come after every other code unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function sortedIds(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort(compareCodePoints);
}

/** Languages hold no colon, so this is unique. */
export function pairKey({ source, target }: LanguagePair): string {
  return `${source}:${target}`;
}

export function sortedPairs(pairs: readonly LanguagePair[]): readonly LanguagePair[] {
  const unique = new Map(pairs.map(({ source, target }) => [pairKey({ source, target }), { source, target }]));
  return [...unique.values()].sort(
    (a, b) => compareCodePoints(a.source, b.source) || compareCodePoints(a.target, b.target),
  );
}
