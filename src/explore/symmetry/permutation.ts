/** Ways to exchange names: which there are, where each takes the content of a slot, and what its code becomes there. */
import type { Names, Renaming } from "../../../model/language/domain.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { Part, Slot } from "../search/layout.ts";

/** More ways to exchange names than this cost more than they save. */
const mostExchanges = 5040;

/** One way to exchange names, ready to be applied to codes. */
export interface Move {
  /** The slot whose content comes to each slot. */
  readonly from: readonly number[];
  /** What its code becomes there; null: it stays what it is. */
  readonly recode: readonly (Recode | null)[];
}

/** What a code becomes: looked up where there are few, worked out once where there are many. */
export type Recode = Int32Array | ((code: number) => number);

/** All but the one that exchanges nothing. @throws UsageError where there are too many */
export function movesOf(parts: readonly Part[]): readonly Move[] {
  const recodes = new Recodes();
  return exchangesOf(parts).map((renaming) => moveOf(parts, renaming, recodes));
}

/** The exchangeable domains of a state, those of one name left out. */
function exchangeable(parts: readonly Part[]): readonly Names[] {
  const all = parts.flatMap((part) => [
    ...part.under.map(([names]) => names),
    ...part.slots.flatMap((slot) => slot.mentions),
  ]);
  return [...new Set(all)].filter(({ isInterchangeable, size }) => isInterchangeable && size > 1);
}

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

/** Tables for what is small, computed once; what is large is worked out when it is first met. */
const mostInTable = 2 ** 16;

/** Slots of one kind share what they know of a renaming. */
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
