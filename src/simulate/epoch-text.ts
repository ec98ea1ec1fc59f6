/** The names of epochs: unique, and in no order, as a real store draws them; whoever takes the greater for the later is found out. */

/** Odd, so that no two numbers below 2^32 get one name; and its inverse. */
const factor = 0x9e3779b1;
const inverse = 0xe8b2f51;
const texts: string[] = [];

export function epochText(epoch: number): string {
  const known = texts[epoch];
  if (known !== undefined) return known;
  const text = (Math.imul(epoch, factor) >>> 0).toString(16).padStart(16, "0");
  if (epoch < 4_096) texts[epoch] = text;
  return text;
}

/** @returns 0 of the empty text: before all epochs */
export function epochNumber(text: string): number {
  return text === "" ? 0 : Math.imul(Number.parseInt(text, 16), inverse) >>> 0;
}
