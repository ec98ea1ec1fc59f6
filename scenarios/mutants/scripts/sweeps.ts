/** Mutants of the scripts about times in which no sweep ran. */
import type { ScriptMutant } from "./script-mutant.ts";

export const sweepScriptMutants: readonly ScriptMutant[] = [
  {
    id: "gap-in-sweeps-ignored",
    why: "what is overdue when the store comes back is due at once",
    file: "sweep.lua",
    find: "  held_until = now + grace_ms\n",
    replace: "  held_until = 0\n",
    property: "N4",
  },
  {
    id: "clock-that-went-back-trusted",
    why: "only a sweep that is too late shows a gap, so that what another clock has put off is put off for ever",
    file: "sweep.lua",
    find: "swept_at > now or ",
    replace: "",
    property: "N4",
  },
  {
    id: "grace-forgotten-by-the-next-sweep",
    why: "only the sweep that finds the gap waits; the next one goes by the old deadlines",
    file: "sweep.lua",
    find: "tonumber(swept[2]) or 0",
    replace: "0",
    property: "N4",
  },
  {
    id: "sweeps-outlive-their-epoch",
    why: "a new epoch goes on from the last sweep of another server, by another clock",
    file: "include/log.lua",
    find: ", 'swept_ms', '', 'held_ms', ''",
    replace: "",
    property: "N4",
  },
];
