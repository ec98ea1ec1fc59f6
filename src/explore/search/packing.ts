/** Which bits of which 32-bit word each slot gets. */
import type { Slot } from "./layout.ts";

export interface Field {
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

export interface Packing {
  /** At least 1. */
  readonly words: number;
  /** One a slot, in the order of the slots. */
  readonly fields: readonly Field[];
}

/** First fit, widest first: no slot straddles two words. A slot of one value takes no bits. */
export function pack(slots: readonly Slot[]): Packing {
  const widths = slots.map(({ size }) => Math.ceil(Math.log2(size)));
  const order = widths.map((_, index) => index).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0) || a - b);
  const used: number[] = [0];
  const fields = new Array<Field>(slots.length);
  for (const index of order) {
    const bits = widths[index] ?? 0;
    const fitting = used.findIndex((full) => full + bits <= 32);
    const word = fitting < 0 ? used.length : fitting;
    const shift = used[word] ?? 0;
    fields[index] = { word, shift, bits };
    used[word] = shift + bits;
  }
  return { words: used.length, fields };
}

/** An expression for what the field holds in `word`. */
export function extract({ shift, bits }: Field, word: string): string {
  if (bits === 0) return "0";
  return `((${word} >>> ${shift}) & ${2 ** bits - 1})`;
}

/** An expression for a word made of the codes of its fields. */
export function combine(codes: readonly (readonly [code: string, field: Field])[]): string {
  const shifted = codes.filter(([, { bits }]) => bits > 0).map(([code, { shift }]) => `((${code}) << ${shift})`);
  return shifted.length === 0 ? "0" : shifted.join(" | ");
}
