/** Mutants of the scripts: what a new epoch remembers of those before it. */
import type { ScriptMutant } from "./script-mutant.ts";

const ofEpochs = { file: "include/log.lua", property: "V1" } as const;

export const epochScriptMutants: readonly ScriptMutant[] = [
  {
    ...ofEpochs,
    id: "past-forgotten",
    why: "a new epoch remembers the one before it, and not those before that",
    find: "    generation, past = succession()\n",
    replace: "    generation = succession()\n",
  },
  {
    ...ofEpochs,
    id: "epoch-left-unnamed",
    why: "a new epoch does not remember the one that it found",
    find: "    past[#past + 1] = found\n",
    replace: "",
  },
  {
    ...ofEpochs,
    id: "generation-kept",
    why: "a new epoch has the generation of the one before it",
    find: "whole_number(generation + 1)",
    replace: "whole_number(math.max(1, tonumber(generation)))",
  },
];
