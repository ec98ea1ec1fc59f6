/** What a verify runs: from flags and profile to the steps of the gate. */
import { BrokenRunError } from "../report/failure.ts";
import type { GatePlan, GateStep } from "../report/gate.ts";
import { type ServerFlags, serversOf } from "./flags.ts";
import type { ConformOptions, Layers } from "./layers.ts";
import { type ProfileName, profiles } from "./profiles.ts";
import type { Shard } from "./values.ts";

export const gateLayers = ["conform", "inject", "bench"] as const;
export type GateLayer = (typeof gateLayers)[number];

export interface GateChoice extends ServerFlags {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly shard: Shard;
  /** Absent: all, or inject alone where a scenario was named. */
  readonly layer?: readonly GateLayer[];
  /** What was asked for by name. */
  readonly scenario?: readonly string[];
  /** What inject runs. */
  readonly scenarios: readonly string[];
  readonly lua?: string;
  /** The run's own folder, for histories. */
  readonly folder: string;
}

/** The canary runs on our own scripts, also where conform checks somebody else's. */
export function planGate(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GatePlan {
  const { canaryRuns, rounds } = profiles[choice.profile];
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
      ...(chosen.includes("conform") ? conformSteps(choice, layers, onProgress) : []),
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
  const { redisServer } = serversOf(choice);
  return { onProgress, ...(redisServer === undefined ? {} : { redisServer }) };
}

/** One call after another, then several clients' calls on their way at once. */
function conformSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  const shared = conformServers(choice, onProgress);
  const scripts = choice.lua === undefined ? {} : { luaDir: choice.lua };
  const runs = profiles[choice.profile].conformRuns;
  const step = (name: string, concurrent: boolean): GateStep => ({
    layer: "conform",
    name,
    run: (seed, signal) => layers.runConform({ ...shared, ...scripts, runs, seed, signal, concurrent }),
  });
  return [step("conform", false), step("conform, concurrent", true)];
}

function injectSteps(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): readonly GateStep[] {
  return choice.scenarios.map((scenario) => ({
    layer: "inject",
    name: `inject ${scenario}`,
    run: (seed, signal) =>
      layers.runInject({ ...serversOf(choice), dir: choice.folder, scenario, seed, signal, onProgress }),
  }));
}

/** In every profile what is quick and settles properties; `lockproof bench` measures the rest, peers included. */
function benchStep(choice: GateChoice, layers: Layers, onProgress: (text: string) => void): GateStep {
  const shared = conformServers(choice, onProgress);
  return {
    layer: "bench",
    name: "bench",
    run: (seed, signal) => layers.runBench({ ...shared, profile: "quick", seed, signal }),
  };
}
