/** The part of a row of docs/sut-matrix.md that does not depend on a run. */
import type { Flaw } from "./flaws.ts";

export function rowOf({ does, name, property, scenario }: Flaw): string {
  return `| \`${name}\` | ${does} | ${property} | \`${scenario}\` |`;
}
