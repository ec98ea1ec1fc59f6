/** Permutations of names: which there are, where each takes the content of a slot, and its code there. */
import type { Names, Renaming } from "../../../model/language/domain.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { Part, Slot } from "../search/layout.ts";

/** More permutations than this cost more than they save. */
const mostPermutations = 5040;

/** One permutation of names, ready to be applied to codes. */
export interface Move {
  /** For each slot, the slot from which its content comes. */
  readonly from: readonly number[];
  /** How its code is rewritten; null: it stays. */
  readonly recode: readonly (Recode | null)[];
}

/** The new code of a code: from a table where there are few, else computed once each. */
export type Recode = Int32Array | ((code: number) => number);

/** All but the identity. @throws UsageError where there are too many */
export function movesOf(parts: readonly Part[]): readonly Move[] {
  const recodes = new Recodes();
  return permutationsOf(parts).map((renaming) => moveOf(parts, renaming, recodes));
}

/** The interchangeable domains of a state, those of one name left out. */
function interchangeable(parts: readonly Part[]): readonly Names[] {
  const all = parts.flatMap((part) => [
    ...part.under.map(([names]) => names),
    ...part.slots.flatMap((slot) => slot.mentions),
  ]);
  return [...new Set(all)].filter(({ isInterchangeable, size }) => isInterchangeable && size > 1);
}

function permutationsOf(parts: readonly Part[]): readonly Renaming[] {
  const domains = interchangeable(parts);
  const count = domains.reduce((product, { size }) => product * factorial(size), 1);
  if (count > mostPermutations) {
    throw new UsageError(`${count} permutations of names; allowed: up to ${mostPermutations}`, {
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

function moveOf(parts: readonly Part[], renaming: Renaming, recodes: Recodes): Move {
  const starts = new Map<string, number>();
  let slots = 0;
  for (const part of parts) {
    starts.set(
      placeOf(part, (_, name) => name),
      slots,
    );
    slots += part.slots.length;
  }
  const from = new Array<number>(slots).fill(0);
  const recode = new Array<Recode | null>(slots).fill(null);
  let slot = 0;
  for (const part of parts) {
    const start = starts.get(placeOf(part, renaming)) ?? 0;
    for (const [index, each] of part.slots.entries()) {
      from[start + index] = slot;
      recode[start + index] = recodes.of(each, renaming);
      slot += 1;
    }
  }
  return { from, recode };
}

function placeOf({ family, under }: Part, renaming: Renaming): string {
  return `${family} ${under.map(([names, name]) => renaming(names, name)).join(".")}`;
}

/** Domains up to this size get a table; codes of larger ones are computed when first met. */
const mostInTable = 2 ** 16;

/** Slots of one kind share their tables. */
class Recodes {
  readonly #known = new Map<object, Map<string, Recode>>();

  of(slot: Slot, renaming: Renaming): Recode | null {
    const order = slot.mentions.map((names) => names.all.map((name) => renaming(names, name)));
    if (order.every((each) => each.every((name, index) => name === index))) return null;
    const ofKind = this.#known.get(slot.kind) ?? new Map<string, Recode>();
    this.#known.set(slot.kind, ofKind);
    const key = order.join(" ");
    const recode = ofKind.get(key) ?? recodeOf(slot, renaming);
    ofKind.set(key, recode);
    return recode;
  }
}

function recodeOf(slot: Slot, renaming: Renaming): Recode {
  if (slot.size <= mostInTable) {
    return Int32Array.from({ length: slot.size }, (_, code) => slot.rename(code, renaming));
  }
  const known = new Map<number, number>();
  return (code) => {
    const found = known.get(code);
    if (found !== undefined) return found;
    const renamed = slot.rename(code, renaming);
    known.set(code, renamed);
    return renamed;
  };
}
