/** Simulates every scheduler mutant until it is killed, as a step of the gate. */

import type { LayerEvidence, MutantEvidence } from "../evidence/evidence.ts";
import { messageOf, VoidMutantError } from "../evidence/failure.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { Hunted } from "../simulate/batch/hunt.ts";
import { now } from "./clock.ts";
import type { Layers, Mutant } from "./layers.ts";
import { mostSeeds } from "./mutant-run.ts";

export interface HuntAllOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** `unknown` where a mutant survived or was void: the simulator may then miss other bugs too. */
export async function huntAll(layers: Layers, options: HuntAllOptions): Promise<LayerEvidence> {
  const startedAt = now();
  const mutants: MutantEvidence[] = [];
  const reasons: string[] = [];
  for (const mutant of layers.mutants.filter(({ layer }) => layer === "simulate")) {
    options.onProgress(`mutant ${mutant.id}`);
    const hunted = await hunt(layers, mutant, options);
    mutants.push(evidenceOf(mutant, hunted));
    if (hunted.verdict !== "killed") reasons.push(`${mutant.id} ${hunted.verdict}${why(hunted)}`);
  }
  return {
    name: "mutants",
    verdict: reasons.length === 0 ? "held" : "unknown",
    runs: mutants.reduce((sum, { runs_to_kill }) => sum + (runs_to_kill ?? 0), 0),
    duration_ms: Math.round(now() - startedAt),
    ...{ properties: [], violations: [], mutants, series: [], faults: [] },
    ...withoutUndefined({ reason: reasons.length === 0 ? undefined : reasons.join("; ") }),
  };
}

function why({ reason }: Hunted): string {
  return reason === null ? "" : ` (${reason})`;
}

async function hunt(layers: Layers, { id, scenario = "" }: Mutant, options: HuntAllOptions): Promise<Hunted> {
  try {
    return await layers.huntSimulate({ ...options, mutant: id, scenario, rounds: 1, most: mostSeeds, shrinkFor: 0 });
  } catch (error) {
    if (!(error instanceof VoidMutantError)) throw error;
    return { verdict: "void", property: null, seeds: [], token: null, shrunk: null, reason: messageOf(error) };
  }
}

function evidenceOf({ id, layer, origin, property }: Mutant, hunted: Hunted): MutantEvidence {
  const [runs = null] = hunted.seeds;
  const { token, verdict } = hunted;
  return { id, origin, layer, verdict, property: hunted.property ?? property, runs_to_kill: runs, token };
}
