/** Reads the members of an object in one line, in any order, each at most once. */
import { nearest } from "../../evidence/nearest.ts";
import { BadLine, type LineScanner } from "./line-scanner.ts";

/** The members of an object in their usual order, so that the next one can be guessed. */
export interface MemberNames {
  readonly of: string;
  readonly names: readonly string[];
  /** The names with quotes and colon. */
  readonly quoted: readonly string[];
}

export const namesOf = (of: string, names: readonly string[]): MemberNames => {
  return { of, names, quoted: names.map((name) => `"${name}":`) };
};

/** The scanner has entered the object. @returns one bit for each member that is present @throws BadLine */
export function readMembers(scanner: LineScanner, shape: MemberNames, take: (index: number) => void): number {
  let seen = 0;
  if (scanner.isEmpty()) return seen;
  let guess = 0;
  do {
    const index =
      guess < shape.quoted.length && scanner.passes(shape.quoted[guess] as string) ? guess : find(scanner, shape);
    if ((seen >>> index) & 1) throw new BadLine(`${shape.of}${shape.names[index]} is there twice; allowed is once`);
    seen |= 1 << index;
    guess = index + 1;
    take(index);
  } while (scanner.goesOn());
  return seen;
}

function find(scanner: LineScanner, { names, of }: MemberNames): number {
  const name = scanner.name();
  const index = names.indexOf(name);
  if (index < 0) throw unknownField(scanner.line, of, name, names);
  return index;
}

function unknownField(text: string, of: string, name: string, names: readonly string[]): BadLine {
  const missing = names.filter((one) => !text.includes(`"${one}"`));
  const [only] = missing;
  const near = nearest(name, missing) ?? (missing.length === 1 ? only : nearest(name, names));
  const fix = near === undefined ? undefined : `did you mean ${of}${near}?`;
  return new BadLine(`unknown field ${of}${JSON.stringify(name)}; allowed are ${names.join(", ")}`, false, fix);
}
