/**
 * Symmetry: of all the states that differ only by which name is which, one is kept, the smallest when packed.
 * Sound for `always` and `sometimes` where actions and properties treat names of a domain alike; a path of representatives is no path
 * for `eventually`, which is refused.
 */
import type { Names, Renaming } from "../../model/domain.ts";
import { Source } from "../../model/source.ts";
import { UsageError } from "../report/failure.ts";
import type { Emit } from "./expander.ts";
import type { Layout, Part, Slot } from "./layout.ts";
import { combine, extract, type Packing } from "./packing.ts";

/** More ways to exchange names than this cost more than they save. */
const mostExchanges = 5040;

/** One way to exchange names, ready to be applied to codes. */
interface Move {
  /** Where the content of each slot goes. */
  readonly target: Int32Array;
  /** What its code becomes there. */
  readonly table: readonly ((code: number) => number)[];
}

type Shape = Pick<Layout, "parts"> & { readonly packing: Packing };

/** @returns what turns any state into its representative and hands that on to `next` */
export function compileCanonical(shape: Shape, next: Emit): Emit {
  const { packing, parts } = shape;
  const moves = exchangesOf(parts).map((renaming) => moveOf(parts, renaming));
  const scratch = new Int32Array(packing.fields.length);
  const moved = new Int32Array(packing.fields.length);
  const apply = (move: Move): void => {
    for (let slot = 0; slot < scratch.length; slot += 1) {
      moved[move.target[slot] ?? 0] = move.table[slot]?.(scratch[slot] ?? 0) ?? 0;
    }
    for (const [from, to] of sets) sortPlaces(moved, from, to);
  };
  const sets = setRanges(parts);
  const source = new Source();
  const words = Array.from({ length: packing.words }, (_, word) => word);
  source.block(`return function canonical(${words.map((word) => `w${word}`).join(", ")})`, () => {
    packing.fields.forEach((field, slot) => {
      source.line(`${source.constant(scratch)}[${slot}] = ${extract(field, `w${field.word}`)};`);
    });
    for (const word of words) source.line(`let b${word} = w${word};`);
    source.block(`for (const move of ${source.constant(moves)})`, () => {
      source.line(`${source.constant(apply)}(move);`);
      for (const word of words)
        source.line(`const x${word} = (${packedFrom(packing, word, source.constant(moved))}) | 0;`);
      source.block(`if (${isLess(words)})`, () => {
        for (const word of words) source.line(`b${word} = x${word};`);
      });
    });
    source.line(`${source.constant(next)}(${words.map((word) => `b${word}`).join(", ")});`);
  });
  return source.run() as Emit;
}

function packedFrom(packing: Packing, word: number, codes: string): string {
  return combine(
    packing.fields.flatMap((field, slot) => (field.word === word ? [[`${codes}[${slot}]`, field] as const] : [])),
  );
}

/** `x` before `b`, word by word. */
function isLess(words: readonly number[]): string {
  return words.reduceRight((rest, word) => `(x${word} < b${word} || (x${word} === b${word} && ${rest}))`, "false");
}

/** The exchangeable domains of a state, those of one name left out. */
function exchangeable(parts: readonly Part[]): readonly Names[] {
  const all = parts.flatMap((part) => [
    ...part.under.map(([names]) => names),
    ...part.slots.flatMap((slot) => slot.mentions),
  ]);
  return [...new Set(all)].filter(({ isInterchangeable, size }) => isInterchangeable && size > 1);
}

/** All but the one that exchanges nothing. */
function exchangesOf(parts: readonly Part[]): readonly Renaming[] {
  const domains = exchangeable(parts);
  const count = domains.reduce((product, { size }) => product * factorial(size), 1);
  if (count > mostExchanges) {
    throw new UsageError(`${count} ways to exchange names; allowed: up to ${mostExchanges}`, {
      where: "--symmetry",
      fix: "explore a smaller scope, or without symmetry",
    });
  }
  let choices: readonly ReadonlyMap<Names, readonly number[]>[] = [new Map()];
  for (const names of domains) {
    choices = choices.flatMap((choice) => permutations(names.all).map((order) => new Map([...choice, [names, order]])));
  }
  return choices.slice(1).map((choice) => (names, name) => choice.get(names)?.[name] ?? name);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/** The unchanged order first. */
function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first) => permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}

function moveOf(parts: readonly Part[], renaming: Renaming): Move {
  const starts = new Map<string, number>();
  let slots = 0;
  for (const part of parts) {
    starts.set(
      placeOf(part, (_, name) => name),
      slots,
    );
    slots += part.slots.length;
  }
  const target = new Int32Array(slots);
  let slot = 0;
  for (const part of parts) {
    const start = starts.get(placeOf(part, renaming)) ?? 0;
    for (let index = 0; index < part.slots.length; index += 1, slot += 1) target[slot] = start + index;
  }
  return { target, table: parts.flatMap((part) => part.slots.map((each) => moverOf(each, renaming))) };
}

function placeOf({ family, under }: Part, renaming: Renaming): string {
  return `${family} ${under.map(([names, name]) => renaming(names, name)).join(".")}`;
}

/** Tables for what is small, computed once; what is large is computed each time. */
const mostInTable = 2 ** 16;

function moverOf(slot: Slot, renaming: Renaming): (code: number) => number {
  if (slot.mentions.length === 0) return (code) => code;
  if (slot.size > mostInTable) return (code) => slot.rename(code, renaming);
  const table = Int32Array.from({ length: slot.size }, (_, code) => slot.rename(code, renaming));
  return (code) => table[code] ?? 0;
}

function setRanges(parts: readonly Part[]): readonly (readonly [number, number])[] {
  let slot = 0;
  return parts.flatMap((part) => {
    const from = slot;
    slot += part.slots.length;
    return part.isSet ? [[from, slot] as const] : [];
  });
}

/** Ascending, with what is empty (0) last: the order in which a set in flight is packed. */
function sortPlaces(codes: Int32Array, from: number, to: number): void {
  for (let place = from + 1; place < to; place += 1) {
    const code = codes[place] ?? 0;
    if (code === 0) break;
    let hole = place;
    while (hole > from && (codes[hole - 1] ?? 0) > code) {
      codes[hole] = codes[hole - 1] ?? 0;
      hole -= 1;
    }
    codes[hole] = code;
  }
}
