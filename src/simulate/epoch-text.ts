/** The names of epochs: unique, and in no order, as a real store draws them; whoever takes the greater for the later is found out. */

/** Odd, so that no two numbers below 2^32 get one name; and its inverse. */
const factor = 0x9e3779b1;
const inverse = 0xe8b2f51;
const texts: string[] = [];
/** Of the texts that are kept. */
const numbers = new Map<string, number>([["", 0]]);

export function epochText(epoch: number): string {
  const known = texts[epoch];
  if (known !== undefined) return known;
  const text = (Math.imul(epoch, factor) >>> 0).toString(16).padStart(16, "0");
  if (epoch >= 4_096) return text;
  texts[epoch] = text;
  numbers.set(text, epoch);
  return text;
}

/** @returns 0 of the empty text: before all epochs */
export function epochNumber(text: string): number {
  return numbers.get(text) ?? Math.imul(Number.parseInt(text, 16), inverse) >>> 0;
}
