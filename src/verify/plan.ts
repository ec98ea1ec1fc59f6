/** Translates flags and profile of `verify` into the steps of the gate. */

import { findScenario } from "../../scenarios/registry.ts";
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts } from "../check/verdict.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { maxSeed } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { SystemUnderTest } from "../sut/command.ts";
import { planCanaries } from "./canaries.ts";
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
  /** Absent: all layers, or inject alone where a scenario is named. */
  readonly layer?: readonly GateLayer[];
  /** The scenarios that the command line names. */
  readonly scenario?: readonly string[];
  /** The scenarios of inject. */
  readonly scenarios: readonly PlacedScenario[];
  /** The scenarios of simulate. */
  readonly simulated: readonly string[];
  readonly lua?: string;
  /** A scheduler written elsewhere: only inject can run it. */
  readonly system?: SystemUnderTest | undefined;
  /** The folder of this run's report, for histories. */
  readonly folder: string;
}

export function planGate(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GatePlan {
  const { canaryRuns, mutants, rounds } = profiles[choice.profile];
  const isOurs = choice.system === undefined;
  const chosen = choice.layer ?? (choice.scenario === undefined && isOurs ? gateLayers : ["inject"]);
  return {
    canaries: planCanaries({ ...serversOf(choice), runs: canaryRuns, chosen }, layers, onProgress),
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

type Shared = Pick<ConformOptions, "redisServer" | "onProgress">;

function conformServers(choice: GateChoice, onProgress: (text: string) => void): Shared {
  return { onProgress, ...withoutUndefined({ redisServer: choice.redisServer }) };
}

/** Exploration does not depend on the seed. */
function exploreSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  return profiles[choice.profile].explored.map((chosen) => ({
    layer: "explore",
    name: ["explore", chosen.model, ...(typeof chosen.scope === "string" ? [chosen.scope] : [])].join(" "),
    once: true,
    isBeside: true,
    run: (_seed, signal) => layers.runExplore({ ...chosen, signal, onProgress }),
  }));
}

/** Sequential calls, then calls of several clients in flight at once. */
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

/** The stored regressions. Their plans do not depend on the seed. */
function regressionsStep({ folder }: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  return {
    layer: "simulate",
    name: "simulate regressions",
    once: true,
    run: (_seed, signal) => layers.runRegressions({ signal, onProgress, dir: folder }),
  };
}

/** The faults of such a scenario are drawn from the seed, so that one seed exercises what another does not. */
const isDrawn = (name: string): boolean => findScenario(name)?.nemesis !== undefined;

/** With them, a mark that one seed in three shows is lacking in less than one run of the gate in a thousand. */
const moreSeeds = 16;

/** One seed of the gate selects a range of seeds for each scenario; the ranges of two gate seeds are disjoint. */
function simulateSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const { shrinkFor, simulatedSeeds } = profiles[choice.profile];
  const { declared, drawn } = simulatedSeeds;
  const shrinking = { left: shrinkFor, shrunk: new Set<PropertyId>() };
  return choice.simulated.map((scenario) => {
    const count = isDrawn(scenario) ? drawn : declared;
    const by =
      (simulate: Layers["simulateBeside"]): GateStep["run"] =>
      async (seed, signal) => {
        const seeds = seedsFor(seed, count);
        const batch = { scenario, seeds, moreSeeds, signal, onProgress, shrinking, dir: choice.folder };
        return ofAllSeeds(await simulate(batch), scenario, count);
      };
    return {
      layer: "simulate",
      name: `simulate ${scenario}`,
      run: by(layers.runSimulate),
      runBeside: by(layers.simulateBeside),
    };
  });
}

/** Charged runs, in which computing takes virtual time; they judge D1. */
function chargedSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const { quick, full } = charged.seeds;
  return charged.scenarios
    .filter((scenario) => choice.simulated.includes(scenario))
    .map((scenario) => ({
      layer: "simulate",
      name: `simulate ${scenario}, computing charged`,
      async run(seed, signal) {
        const count = choice.profile === "quick" ? quick : full;
        const seeds = seedsFor(seed, count);
        const evidence = await layers.runSimulate({ scenario, seeds, signal, onProgress, isCharged: true });
        return ofAllSeeds(evidence, scenario, count);
      },
    }));
}

/** A batch that the budget ended proves less than it was asked for. */
function ofAllSeeds(evidence: LayerEvidence, scenario: string, count: number): LayerEvidence {
  if (evidence.runs >= count) return evidence;
  const cut = `${scenario}, simulated: ${evidence.runs} of ${count} seeds were run before the budget ended`;
  const reason = [...(evidence.reason === undefined ? [] : [evidence.reason]), cut].join("; ");
  return { ...evidence, verdict: joinVerdicts([evidence.verdict, "unknown"]), cause: "budget", reason };
}

function seedsFor(seed: number, count: number): { readonly from: number; readonly to: number } {
  const from = (seed * count) % (maxSeed - count);
  return { from, to: from + count - 1 };
}

/** Lockstep runs: simulated results apply to real servers only as far as both agree. */
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

/** Scheduler mutants. A survivor says nothing about our scheduler; it shows that the simulator would miss such a bug. */
function mutantsStep(layers: Layers, onProgress: (text: string) => void): GateStep {
  return {
    layer: "mutants",
    name: "mutants, simulated",
    once: true,
    run: (seed, signal) => huntAll(layers, { seed, signal, onProgress }),
  };
}

/** A named scenario excludes the contract checks, and so does a scheduler written elsewhere, as they are about our clients. */
function isContractAsked({ scenario, system }: GateChoice, chosen: readonly GateLayer[]): boolean {
  return scenario === undefined && system === undefined && chosen.includes("inject");
}

/** It does not depend on the seed. */
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
  const system = withoutUndefined({ system: choice.system });
  return choice.scenarios.map((placed) => ({
    layer: "inject",
    name: `inject ${placed.scenario}${placed.redis === undefined ? "" : ` on ${placed.redis}`}`,
    isAlone: true,
    run: (seed, signal) =>
      layers.runInject({
        ...serversOf(choice),
        ...system,
        dir: choice.folder,
        isPacked: true,
        ...placed,
        seed,
        signal,
        onProgress,
      }),
  }));
}

/** Every profile measures the quick rows, which judge properties; `lockproof bench` measures the rest, with the peers. */
function benchStep(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  const shared = conformServers(choice, onProgress);
  return {
    layer: "bench",
    name: "bench",
    isAlone: true,
    run: (seed, signal) => layers.runBench({ ...shared, profile: "quick", seed, signal }),
  };
}
