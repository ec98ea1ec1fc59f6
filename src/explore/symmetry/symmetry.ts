/**
 * Symmetry: of all the states that differ only by which name is which, one is kept, the smallest when packed.
 * Sound for `always` and `sometimes` where actions and properties treat names of a domain alike; a path of representatives is no path
 * for `eventually`, which is refused.
 */
import { Source } from "../../../model/language/source.ts";
import type { Emit } from "../search/expander.ts";
import type { Layout, Part } from "../search/layout.ts";
import { combine, extract, type Packing } from "../search/packing.ts";
import { type Move, movesOf, type Recode } from "./permutation.ts";

type Shape = Pick<Layout, "parts"> & { readonly packing: Packing };

/** @returns what turns any state into its representative and hands that on to `next` */
export function compileCanonical({ packing, parts }: Shape, next: Emit): Emit {
  const source = new Source();
  const words = Array.from({ length: packing.words }, (_, word) => word);
  const slots = packing.fields.map((_, slot) => slot);
  const moves = movesOf(parts);
  source.line(`let ${[...words.map((word) => `b${word} = 0`), ...slots.map((slot) => `c${slot} = 0`)].join(", ")};`);
  for (const [index, move] of moves.entries()) {
    source.block(`function move${index}()`, () => writeMove(move, { packing, parts }, source));
  }
  source.block(`return function canonical(${words.map((word) => `w${word}`).join(", ")})`, () => {
    for (const word of words) source.line(`b${word} = w${word};`);
    packing.fields.forEach((field, slot) => {
      source.line(`c${slot} = ${extract(field, `w${field.word}`)};`);
    });
    for (const index of moves.keys()) source.line(`move${index}();`);
    source.line(`${source.constant(next)}(${words.map((word) => `b${word}`).join(", ")});`);
  });
  return source.run() as Emit;
}

/** Puts the moved state into the place of the best one so far, where it is smaller: word by word, and no further than it takes to see that it is not. */
function writeMove({ from, recode }: Move, { packing, parts }: Shape, source: Source): void {
  const codes = from.map((slot, to) => recoded(`c${slot}`, recode[to] ?? null, source));
  for (const [first, end] of setRanges(parts)) writeSort(codes, first, end, source);
  source.line("let isLess = false;");
  const words = Array.from({ length: packing.words }, (_, word) => word);
  for (const word of words) {
    const own = packing.fields.flatMap((field, slot) =>
      field.word === word ? [[codes[slot] ?? "0", field] as const] : [],
    );
    source.line(`const x${word} = (${combine(own)}) | 0;`);
    source.line(`if (!isLess) { if (x${word} > b${word}) return; isLess = x${word} < b${word}; }`);
  }
  source.line(words.map((word) => `b${word} = x${word};`).join(" "));
}

function recoded(code: string, recode: Recode | null, source: Source): string {
  if (recode === null) return code;
  return typeof recode === "function" ? `${source.constant(recode)}(${code})` : `${source.constant(recode)}[${code}]`;
}

function setRanges(parts: readonly Part[]): readonly (readonly [number, number])[] {
  let slot = 0;
  return parts.flatMap((part) => {
    const from = slot;
    slot += part.slots.length;
    return part.isSet ? [[from, slot] as const] : [];
  });
}

/** Ascending, with what is empty (0) last: the order in which a set in flight is packed. Swaps neighbours until all are in order. */
function writeSort(codes: string[], first: number, end: number, source: Source): void {
  for (let slot = first; slot < end; slot += 1) codes[slot] = source.declare(codes[slot] ?? "0");
  for (let last = end - 1; last > first; last -= 1) {
    for (let slot = first; slot < last; slot += 1) {
      const [one, other] = [codes[slot], codes[slot + 1]];
      source.line(
        `if (((${one} - 1) >>> 0) > ((${other} - 1) >>> 0)) { const t = ${one}; ${one} = ${other}; ${other} = t; }`,
      );
    }
  }
}
