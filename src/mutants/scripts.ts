/** Applies script mutants to a copy of the scripts, in memory. */
import { type ScriptMutant, scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { BrokenRunError, VoidMutantError } from "../evidence/failure.ts";
import { loadScripts, type ScriptSet } from "../redis/scripts/scripts.ts";

/** @throws BrokenRunError when there is no such mutant, or it does not apply to these scripts: then it is void */
export function mutated(id: string, luaDir?: string): ScriptSet {
  const mutant = scriptMutants.find((each) => each.id === id);
  if (!mutant) {
    throw new BrokenRunError(`no script mutant ${JSON.stringify(id)}`, {
      where: "--mutant",
      fix: `one of ${scriptMutants.map((each) => each.id).join(", ")}`,
    });
  }
  return applyMutant(mutant, luaDir);
}

export function applyMutant(mutant: ScriptMutant, luaDir?: string): ScriptSet {
  const found = new Set<number>();
  const set = loadScripts(luaDir, (file, source) => {
    if (file !== mutant.file) return source;
    found.add(source.split(mutant.find).length - 1);
    return source.replace(mutant.find, () => mutant.replace);
  });
  if (found.size !== 1 || !found.has(1)) {
    throw new VoidMutantError(
      `the script mutant ${mutant.id} is void: the text that it replaces is not exactly once in ${mutant.file}`,
      {
        where: `the mutant ${mutant.id}`,
        fix: "bring its `find` up to date with the script",
      },
    );
  }
  return set;
}
