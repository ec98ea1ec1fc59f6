/** The names of epochs: unique, and in no order, as a real store draws them; whoever takes the greater for the later is found out. */

/** Odd, so that no two numbers below 2^32 get one name; and its inverse. */
const factor = 0x9e3779b1;
const inverse = 0xe8b2f51;
/** Texts are kept of so many: a run has a few dozen. */
const mostKept = 4_096;
const texts: string[] = [];
/** Of the texts that are kept. */
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

/** Of lives, by epoch and sequence. */
const lives: Map<number, string>[] = [];

/** `epoch:sequence`, as the store tells of the version at which a life began: the same text for the same life every time. */
export function lifeText({ epoch, sequence }: { readonly epoch: number; readonly sequence: number }): string {
  const known = lives[epoch]?.get(sequence);
  if (known !== undefined) return known;
  const text = `${epochText(epoch)}:${sequence}`;
  if (epoch >= mostKept) return text;
  lives[epoch] ??= new Map();
  lives[epoch].set(sequence, text);
  return text;
}
