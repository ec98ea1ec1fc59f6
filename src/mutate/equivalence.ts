/** Mutants with which the program does the same: by the list of arguments, or because both compile to the same code. */
import { transformSync } from "esbuild";
import type { EquivalentMutant } from "../../scenarios/mutants/equivalent.ts";
import { applied, type CodeMutant } from "./mutant.ts";

/** @param texts of the files, by path */
function isSameChange(one: EquivalentMutant, mutant: CodeMutant, texts: ReadonlyMap<string, string>): boolean {
  return (
    one.file === mutant.file &&
    one.operator === mutant.operator &&
    one.original === mutant.original &&
    one.replacement === mutant.replacement &&
    one.line === lineOf(texts.get(mutant.file) ?? "", mutant)
  );
}

/** @returns a line for each entry that fits no mutant */
export function staleEntries(
  list: readonly EquivalentMutant[],
  mutants: readonly CodeMutant[],
  texts: ReadonlyMap<string, string>,
): readonly string[] {
  return list
    .filter((one) => !mutants.some((mutant) => isSameChange(one, mutant, texts)))
    .map(
      ({ file, line, operator, original, replacement }) =>
        `${file} ${operator}: ${original} -> ${replacement}, in ${line}`,
    );
}

/** @param list of `scenarios/mutants/equivalent.ts` @returns a function that answers why a mutant is equivalent, or null */
export function equivalentsOf(
  list: readonly EquivalentMutant[],
  texts: ReadonlyMap<string, string>,
): (mutant: CodeMutant) => string | null {
  const compiled = new Map<string, string | null>();
  const original = (file: string): string | null => {
    const known = compiled.get(file);
    if (known !== undefined) return known;
    const found = compile(texts.get(file) ?? "");
    compiled.set(file, found);
    return found;
  };
  return (mutant) => {
    const argued = list.find((one) => isSameChange(one, mutant, texts));
    if (argued !== undefined) return argued.why;
    if (mutant.number === 0) return null;
    const before = original(mutant.file);
    const after = compile(applied(texts.get(mutant.file) ?? "", mutant));
    return before !== null && before === after ? "both compile to the same code" : null;
  };
}

/** Returns the code without types and dead code, and with constants folded; null: it does not compile. */
function compile(text: string): string | null {
  try {
    return transformSync(text, { loader: "ts", format: "esm", minifySyntax: true, treeShaking: true }).code;
  } catch {
    return null;
  }
}

function lineOf(text: string, { line }: CodeMutant): string {
  return text.split("\n")[line - 1]?.trim() ?? "";
}
