/**
 * Runs one mutant on one layer. A kill counts only where the unchanged system passes the same run: otherwise the layer did not detect the
 * mutant. A mutant is void where its edit does not apply, or where its run ends without a verdict.
 */

import type { LayerEvidence, MutantEvidence } from "../evidence/evidence.ts";
import { messageOf, VoidMutantError } from "../evidence/failure.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { Hunted } from "../simulate/batch/hunt.ts";
import type { Layers, Mutant } from "./layers.ts";
import { type ServerFlags, serversOf } from "./servers.ts";

export interface MutantRunOptions extends ServerFlags {
  readonly seed: number;
  /** Runs of conform. Mutants that only concurrent calls show get ten times as many. */
  readonly runs: number;
  /** Rounds of the simulator, each on seeds of its own. */
  readonly rounds: number;
  /** Most seeds of a round. */
  readonly seeds: number;
  /** How long a failing plan is shrunk, in milliseconds; 0: not at all. */
  readonly shrinkFor: number;
  /** Whether the unchanged system has to pass the same run; the simulator always makes sure of that. */
  readonly isControlled: boolean;
}

export interface MutantOutcome {
  readonly mutant: Mutant;
  readonly evidence: MutantEvidence;
  /** Why it is void. */
  readonly reason: string | null;
  /** The rounds of the simulator; null on other layers. */
  readonly hunted: Hunted | null;
}

/** Most seeds that the simulator tries for one mutant in a round. */
export const mostSeeds = 100;
const memoryMb = 1_024;

/** The part of the command's context that is needed here. */
export interface MutantRunContext {
  readonly interrupted: AbortSignal;
  readonly output: { progress(text: string): void };
}

export class MutantRunner {
  readonly #options: MutantRunOptions;
  readonly #layers: Layers;
  readonly #context: MutantRunContext;
  /** Results of the unchanged system, by what was run. */
  readonly #controls = new Map<string, Promise<LayerEvidence>>();

  constructor(options: MutantRunOptions, layers: Layers, context: MutantRunContext) {
    this.#options = options;
    this.#layers = layers;
    this.#context = context;
  }

  async run(mutant: Mutant): Promise<MutantOutcome> {
    try {
      return mutant.layer === "simulate" ? await this.#hunt(mutant) : await this.#judge(mutant);
    } catch (error) {
      if (!(error instanceof VoidMutantError)) throw error;
      return outcomeOf(mutant, { verdict: "void", reason: messageOf(error) });
    }
  }

  async #hunt(mutant: Mutant): Promise<MutantOutcome> {
    const { rounds, seed, seeds, shrinkFor } = this.#options;
    const { id, scenario = "" } = mutant;
    const hunted = await this.#layers.huntSimulate({
      ...{ mutant: id, scenario, seed, rounds, most: seeds, shrinkFor },
      signal: this.#context.interrupted,
      onProgress: (text) => this.#context.output.progress(`${id}: ${text}`),
    });
    const { property, reason, token, verdict } = hunted;
    const [runs = null] = hunted.seeds;
    return outcomeOf(mutant, { verdict, reason, hunted, property, runs, token });
  }

  async #judge(mutant: Mutant): Promise<MutantOutcome> {
    const evidence = await this.#runLayer(mutant, mutant.id);
    if (evidence.verdict === "held" || evidence.verdict === "not_exercised")
      return outcomeOf(mutant, { verdict: "survived" });
    if (evidence.verdict !== "violated") {
      return outcomeOf(mutant, { verdict: "void", reason: evidence.reason ?? `the run was ${evidence.verdict}` });
    }
    const control = await this.#control(mutant);
    if (control !== null && (control.verdict === "violated" || control.verdict === "broken")) {
      const why = control.reason ?? control.violations.map(({ property }) => property).join(", ");
      return outcomeOf(mutant, { verdict: "void", reason: `without it the run is ${control.verdict} too: ${why}` });
    }
    const named = evidence.violations.find(({ property }) => property === mutant.property) ?? evidence.violations[0];
    const { property = null, token = null } = named ?? {};
    return outcomeOf(mutant, { verdict: "killed", property, token, runs: evidence.runs });
  }

  /** Runs the unchanged system. Runs of mutated judges include their own control. */
  #control(mutant: Mutant): Promise<LayerEvidence> | null {
    const { concurrent = false, layer, scenario, scope } = mutant;
    if (layer === "check" || !this.#options.isControlled) return null;
    const key = JSON.stringify([layer, concurrent, scenario, scope]);
    const known = this.#controls.get(key);
    if (known !== undefined) return known;
    this.#context.output.progress(`${layer}, without a mutant`);
    const control = this.#runLayer(mutant, null);
    this.#controls.set(key, control);
    return control;
  }

  /** @param mutated null: the unchanged system */
  #runLayer(
    { concurrent = false, layer, scenario = "", scope, id }: Mutant,
    mutated: string | null,
  ): Promise<LayerEvidence> {
    const { runs, seed } = this.#options;
    const { interrupted: signal, output } = this.#context;
    const shared = { signal, onProgress: (text: string) => output.progress(`${id}: ${text}`) };
    const mutant = mutated ?? undefined;
    switch (layer) {
      case "check":
        return this.#layers.runJudgeMutant(id);
      case "explore":
        return this.#layers.runExplore({
          ...{ ...shared, model: "system", threads: 1, memoryMb, symmetry: false },
          ...withoutUndefined({ scope, mutant }),
        });
      case "conform":
        return this.#layers.runConform({
          ...{ ...shared, concurrent, runs: concurrent && mutated !== null ? runs * 10 : runs, seed },
          ...withoutUndefined({ redisServer: this.#options.redisServer, mutant }),
        });
      case "inject":
        return this.#layers.runInject({
          ...{ ...shared, scenario, seed },
          ...serversOf(this.#options),
          ...withoutUndefined({ mutant }),
        });
      case "bench":
        return this.#layers.runBench({
          ...{ ...shared, profile: "quick", rows: [scenario], seed },
          ...withoutUndefined({ redisServer: this.#options.redisServer, mutant }),
        });
      case "simulate":
        throw new RangeError("simulated mutants are hunted"); // by `run`
    }
  }
}

interface Ended {
  readonly verdict: MutantEvidence["verdict"];
  readonly reason?: string | null;
  readonly hunted?: Hunted;
  readonly property?: MutantEvidence["property"] | null;
  readonly runs?: number | null;
  readonly token?: string | null;
}

function outcomeOf(mutant: Mutant, ended: Ended): MutantOutcome {
  const { hunted = null, property = null, reason = null, runs = null, token = null, verdict } = ended;
  const { id, layer, origin } = mutant;
  return {
    mutant,
    reason,
    hunted,
    evidence: {
      ...{ id, origin, layer, verdict, property: property ?? mutant.property },
      ...{ runs_to_kill: runs, token },
    },
  };
}
