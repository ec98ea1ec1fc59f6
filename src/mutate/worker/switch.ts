/**
 * The switch of an instrumented copy: every place that a mutant changes asks it whether that mutant is active, and reports that it ran. The sources of
 * the copy import this file, so it imports nothing.
 */

/** The number of the active mutant; 0: none, the code is as it is. A process begins with the one that its environment names. */
export const environmentName = "LOCKPROOF_CODE_MUTANT";

let active = Number(process.env[environmentName] ?? 0);
let reached: Set<number> | null = null;

export function useMutant(number: number): void {
  active = number;
  process.env[environmentName] = String(number); // for processes that a run starts
}

/** From now on the mutants whose place runs are collected. */
export function recordReached(into: Set<number>): void {
  reached = into;
}

export function recordNothing(): void {
  reached = null;
}

export function isOn(number: number): boolean {
  return active === number;
}

export function reach(...numbers: readonly number[]): void {
  if (reached === null) return;
  for (const number of numbers) reached.add(number);
}
