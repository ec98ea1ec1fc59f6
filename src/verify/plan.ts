/** What a verify runs: from flags and profile to the steps of the gate. */

import { findScenario } from "../../scenarios/registry.ts";
import { BrokenRunError } from "../evidence/failure.ts";
import { maxSeed } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { GatePlan, GateStep } from "./gate.ts";
import { huntAll } from "./hunt-all.ts";
import type { ConformOptions, Layers, PlacedScenario } from "./layers.ts";
import { charged, type ProfileName, profiles } from "./profiles.ts";
import { type ServerFlags, serversOf } from "./servers.ts";

export const gateLayers = ["explore", "conform", "simulate", "inject", "bench"] as const;
export type GateLayer = (typeof gateLayers)[number];

export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface GateChoice extends ServerFlags {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly shard: Shard;
  /** Absent: all, or inject alone where a scenario was named. */
  readonly layer?: readonly GateLayer[];
  /** What was asked for by name. */
  readonly scenario?: readonly string[];
  /** What inject runs. */
  readonly scenarios: readonly PlacedScenario[];
  /** What is simulated. */
  readonly simulated: readonly string[];
  readonly lua?: string;
  /** The run's own folder, for histories. */
  readonly folder: string;
}

/** The canary runs on our own scripts, also where conform checks somebody else's. */
export function planGate(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GatePlan {
  const { canaryRuns, mutants, rounds } = profiles[choice.profile];
  const { id, origin, property } = canaryOf(layers);
  const shared = conformServers(choice, onProgress);
  const chosen = choice.layer ?? (choice.scenario === undefined ? gateLayers : ["inject"]);
  return {
    canary: {
      mutant: id,
      origin,
      property,
      layer: "conform",
      run: (seed, signal) => layers.runConform({ ...shared, runs: canaryRuns, seed, signal, mutant: id }),
    },
    steps: [
      ...(chosen.includes("simulate") ? [regressionsStep(choice, layers, onProgress)] : []),
      ...(chosen.includes("explore") ? exploreSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("conform") ? conformSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("simulate") ? simulateSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("simulate") ? chargedSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("simulate") ? lockstepSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("simulate") && mutants ? [mutantsStep(layers, onProgress)] : []),
      ...(isContractAsked(choice, chosen) ? [contractStep(choice, layers, onProgress)] : []),
      ...(chosen.includes("inject") ? injectSteps(choice, layers, onProgress) : []),
      ...(chosen.includes("bench") ? [benchStep(choice, layers, onProgress)] : []),
    ],
    seed: choice.seed,
    rounds,
    shard: choice.shard,
  };
}

function canaryOf(layers: Layers): Layers["mutants"][number] {
  const mutant = layers.mutants.find((one) => one.id === layers.canary);
  if (mutant !== undefined) return mutant;
  throw new BrokenRunError(`the canary ${layers.canary} is not among the planted bugs`, {
    where: "scenarios/mutants",
    fix: "reinstall lockproof; if it stays so, report it: it is our bug",
  });
}

type Shared = Pick<ConformOptions, "redisServer" | "onProgress">;

function conformServers(choice: GateChoice, onProgress: (text: string) => void): Shared {
  return { onProgress, ...withoutUndefined({ redisServer: choice.redisServer }) };
}

/** No seed changes anything here, so once is all there is to it. */
function exploreSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  return profiles[choice.profile].explored.map((chosen) => ({
    layer: "explore",
    name: ["explore", chosen.model, ...(typeof chosen.scope === "string" ? [chosen.scope] : [])].join(" "),
    once: true,
    isBeside: true,
    run: (_seed, signal) => layers.runExplore({ ...chosen, signal, onProgress }),
  }));
}

/** One call after another, then several clients' calls on their way at once. */
function conformSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const shared = conformServers(choice, onProgress);
  const scripts = withoutUndefined({ luaDir: choice.lua });
  const runs = profiles[choice.profile].conformRuns;
  const step = (name: string, concurrent: boolean): GateStep => ({
    layer: "conform",
    name,
    run: (seed, signal) => layers.runConform({ ...shared, ...scripts, runs, seed, signal, concurrent }),
  });
  return [step("conform", false), step("conform, concurrent", true)];
}

/** What once failed, first of all; their plans hold all there is to them, so once is enough. */
function regressionsStep({ folder }: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  return {
    layer: "simulate",
    name: "simulate regressions",
    once: true,
    run: (_seed, signal) => layers.runRegressions({ signal, onProgress, dir: folder }),
  };
}

/** Of which every seed is another: what one does not exercise the next does. */
const isDrawn = (name: string): boolean => findScenario(name)?.nemesis !== undefined;

/** A seed of the gate stands for as many seeds of each scenario; no two seeds of the gate share one. */
function simulateSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const { declared, drawn } = profiles[choice.profile].simulatedSeeds;
  return choice.simulated.map((scenario) => ({
    layer: "simulate",
    name: `simulate ${scenario}`,
    run(seed, signal) {
      const seeds = seedsFor(seed, isDrawn(scenario) ? drawn : declared);
      return layers.runSimulate({ scenario, seeds, signal, onProgress, dir: choice.folder });
    },
  }));
}

/** The same runs, in which what the instances compute takes time, exactly: D1 is judged with it. */
function chargedSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const { quick, full } = charged.seeds;
  return charged.scenarios
    .filter((scenario) => choice.simulated.includes(scenario))
    .map((scenario) => ({
      layer: "simulate",
      name: `simulate ${scenario}, computing charged`,
      run(seed, signal) {
        const seeds = seedsFor(seed, choice.profile === "quick" ? quick : full);
        return layers.runSimulate({ scenario, seeds, signal, onProgress, isCharged: true });
      },
    }));
}

function seedsFor(seed: number, count: number): { readonly from: number; readonly to: number } {
  const from = (seed * count) % (maxSeed - count);
  return { from, to: from + count - 1 };
}

/** What was simulated stands for real servers only as far as both tell one story. */
function lockstepSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const { scenarios, seeds: count } = profiles[choice.profile].lockstep;
  const shared = conformServers(choice, onProgress);
  const scripts = withoutUndefined({ luaDir: choice.lua });
  return scenarios
    .filter((scenario) => choice.simulated.includes(scenario))
    .map((scenario) => ({
      layer: "simulate",
      name: `simulate ${scenario} on redis`,
      isAlone: true,
      run: (seed, signal) =>
        layers.runLockstep({ ...shared, ...scripts, scenario, seeds: seedsFor(seed, count), signal }),
    }));
}

/** Wrong schedulers, each until it is caught; one that is not proves nothing about the right one, but that nobody would have noticed. */
function mutantsStep(layers: Layers, onProgress: (text: string) => void): GateStep {
  return {
    layer: "mutants",
    name: "mutants, simulated",
    once: true,
    run: (seed, signal) => huntAll(layers, { seed, signal, onProgress }),
  };
}

/** Whoever names a scenario wants that. */
function isContractAsked({ profile, scenario }: GateChoice, chosen: readonly GateLayer[]): boolean {
  return profiles[profile].contract && scenario === undefined && chosen.includes("inject");
}

/** It does the same on every seed. */
function contractStep(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  return {
    layer: "inject",
    name: "inject contract",
    once: true,
    isAlone: true,
    run: (seed, signal) => layers.runContracts({ ...conformServers(choice, onProgress), seed, signal }),
  };
}

function injectSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  return choice.scenarios.map((placed) => ({
    layer: "inject",
    name: `inject ${placed.scenario}${placed.redis === undefined ? "" : ` on ${placed.redis}`}`,
    isAlone: true,
    run: (seed, signal) =>
      layers.runInject({ ...serversOf(choice), dir: choice.folder, ...placed, seed, signal, onProgress }),
  }));
}

/** In every profile what is quick and settles properties; `lockproof bench` measures the rest, peers included. */
function benchStep(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  const shared = conformServers(choice, onProgress);
  return {
    layer: "bench",
    name: "bench",
    isAlone: true,
    run: (seed, signal) => layers.runBench({ ...shared, profile: "quick", seed, signal }),
  };
}
