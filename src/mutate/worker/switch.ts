/**
 * The switch of an instrumented copy: every place that a mutant changes asks it whether that mutant is active, and reports that it ran. The sources of
 * the copy import this file, so it imports none of them.
 */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The variable that names the mutant with which a process begins. */
export const environmentName = "LOCKPROOF_CODE_MUTANT";
/** The variable that names the folder into which a process of tests writes the mutants whose place ran. */
export const reachedName = "LOCKPROOF_CODE_REACHED";

interface Switch {
  /** The number of the active mutant; 0: none, the code is as it is. */
  active: number;
  /** null: nothing is recorded. */
  reached: Set<number> | null;
}

declare global {
  /** A test runner may load this file twice in one process: both have one state. */
  var lockproofSwitch: Switch | undefined;
}

const folder = process.env[reachedName];
globalThis.lockproofSwitch ??= {
  active: Number(process.env[environmentName] ?? 0),
  reached: folder === undefined ? null : new Set(),
};
const state = globalThis.lockproofSwitch;

export function useMutant(number: number): void {
  state.active = number;
  process.env[environmentName] = String(number); // for processes that a run starts
}

/** From now on the mutants whose place runs are recorded. */
export function recordReached(into: Set<number>): void {
  state.reached = into;
}

export function recordNothing(): void {
  state.reached = null;
}

export function isOn(number: number): boolean {
  return state.active === number;
}

export function reach(...numbers: readonly number[]): void {
  if (state.reached === null) return;
  for (const number of numbers) state.reached.add(number);
}

/** Writes what was recorded into the folder that the environment names; without one, nothing. */
export function reportReached(): void {
  if (folder === undefined || state.reached === null) return;
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify([...state.reached]));
}
