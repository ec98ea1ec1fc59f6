/**
 * One mutant for each layer that a verify runs, which the layer has to kill in that very run: a layer that could not fail today proves nothing today.
 * The unchanged system is not run beside it, as the steps of the gate do that.
 */
import { BrokenRunError } from "../evidence/failure.ts";
import type { Canary } from "./gate.ts";
import type { Layers } from "./layers.ts";
import { MutantRunner } from "./mutant-run.ts";
import type { ServerFlags } from "./servers.ts";

export interface CanaryChoice extends ServerFlags {
  /** Most runs of conform, which ends at the first failure. */
  readonly runs: number;
  readonly chosen: readonly string[];
}

/** Seeds that the simulator has for its canary, which the first one shows. */
const seeds = 5;

/** Runs with our own scripts, also where conform checks others. */
export function planCanaries(
  { chosen, runs, ...servers }: CanaryChoice,
  layers: Layers,
  progress: (text: string) => void,
): readonly Canary[] {
  const own = layers.canaries.filter(({ layer }) => chosen.includes(layer));
  // Layers without a canary of their own share with all layers the path of a failure into the report.
  return (own.length > 0 ? own : layers.canaries.slice(0, 1)).map(({ id, layer }) => {
    const mutant = layers.mutants.find((one) => one.id === id && one.layer === layer);
    if (mutant === undefined) throw missing(id);
    return {
      mutant,
      run(seed, interrupted) {
        const options = { ...servers, seed, runs, rounds: 1, seeds, shrinkFor: 0, isControlled: false };
        return new MutantRunner(options, layers, { interrupted, output: { progress } }).run(mutant);
      },
    };
  });
}

function missing(id: string): BrokenRunError {
  return new BrokenRunError(`the canary ${id} is not among the mutants`, {
    where: `the canary ${id}`,
    fix: "reinstall lockproof; if it stays so, report it: it is our bug",
  });
}
