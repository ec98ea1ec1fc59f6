/** The names of epochs: unique and without order, as a real store draws them, so that a scheduler that compares them fails. */

/** Odd, so that no two numbers below 2^32 get one name; and its inverse. */
const factor = 0x9e3779b1;
const inverse = 0xe8b2f51;
/** How many texts are cached: a run has a few dozen epochs. */
const mostKept = 4_096;
const texts: string[] = [];
/** Cached text -> its number. */
const numbers = new Map<string, number>([["", 0]]);

export function epochText(epoch: number): string {
  const known = texts[epoch];
  if (known !== undefined) return known;
  const text = (Math.imul(epoch, factor) >>> 0).toString(16).padStart(16, "0");
  if (epoch >= mostKept) return text;
  texts[epoch] = text;
  numbers.set(text, epoch);
  return text;
}

/** @returns 0 of the empty text: before all epochs */
export function epochNumber(text: string): number {
  return numbers.get(text) ?? Math.imul(Number.parseInt(text, 16), inverse) >>> 0;
}

/** The texts of incarnations, by epoch and sequence. */
const incarnations: Map<number, string>[] = [];

/** `epoch:sequence` of the version at which an incarnation began: the same text object for the same incarnation. */
export function incarnationText({ epoch, sequence }: { readonly epoch: number; readonly sequence: number }): string {
  const known = incarnations[epoch]?.get(sequence);
  if (known !== undefined) return known;
  const text = `${epochText(epoch)}:${sequence}`;
  if (epoch >= mostKept) return text;
  incarnations[epoch] ??= new Map();
  incarnations[epoch].set(sequence, text);
  return text;
}
