/** What the commands need of the layers; tests hand in their own. */
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { PropertyId } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import type { ContractsOptions } from "../inject/contract/run-all.ts";
import type { LockstepEvidence } from "../lockstep/batch-evidence.ts";
import type { LockstepOptions } from "../lockstep/run.ts";
import type { ReproduceOptions, Reproduction } from "../reproduce/reproduce.ts";
import type { SimulateOptions } from "../simulate/batch/batch.ts";
import type { SimulateEvidence } from "../simulate/batch/evidence.ts";
import type { Hunted, HuntOptions } from "../simulate/batch/hunt.ts";
import type { RegressionsOptions } from "../simulate/run/regressions.ts";
import type { SimulateReplay, SimulateReplayOptions } from "../simulate/run/replay.ts";

export interface ConformOptions {
  readonly runs: number;
  readonly seed: number;
  /** Somebody else's scripts instead of ours. */
  readonly luaDir?: string;
  /** The planted bug to run with. */
  readonly mutant?: string;
  /** Several clients' calls on their way at once. */
  readonly concurrent?: boolean;
  readonly redisServer?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** The plan of a token. */
  readonly plan?: unknown;
}

export interface ConformEvidence extends LayerEvidence {
  readonly json: {
    readonly script_set: string;
    readonly runs: number;
    readonly commands: number;
    readonly lost_replies: number;
    readonly verdict: string;
    readonly token: string;
  };
}

export interface ExploreChoice {
  readonly model: string;
  /** By name, or bounds; what is not named has the model's standard value. */
  readonly scope?: string | Readonly<Record<string, number>>;
  readonly threads: number;
  readonly memoryMb: number;
  readonly symmetry: boolean;
}

export interface ExploreLayerOptions extends ExploreChoice {
  /** The planted bug of the design to explore. */
  readonly mutant?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

export interface InjectOptions {
  readonly scenario: string;
  readonly seed: number;
  /** On which servers; as the scenario says where it is absent. */
  readonly redis?: RedisTopology;
  readonly signal: AbortSignal;
  /** Each instance as a process of its own, though no fault needs it. */
  readonly processes?: true;
  /** Properties that are not owed. */
  readonly exclude?: readonly PropertyId[];
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly onProgress?: (text: string) => void;
  /** Where histories are kept; without it they are not. */
  readonly dir?: string;
  /** The wrong scheduler to run instead of ours. */
  readonly planted?: string;
}

/** A scenario, and the servers it is run on where that is not as it says itself. */
export interface PlacedScenario {
  readonly scenario: string;
  readonly redis?: RedisTopology;
}

export interface InjectEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

export type SimulateLayerOptions = Omit<SimulateOptions, "now" | "planted"> & {
  /** The wrong scheduler to run instead of ours. */
  readonly mutant?: string;
};

export type ReproduceLayerOptions = Omit<ReproduceOptions, "now" | "planted"> & {
  /** The wrong scheduler that ran. */
  readonly mutant?: string;
};

/** A wrong scheduler, simulated until it is caught. */
export interface HuntLayerOptions extends Omit<HuntOptions, "now" | "planted" | "scenario"> {
  readonly mutant: string;
  readonly scenario: string;
}

export type BenchProfile = "quick" | "full";

export interface BenchOptions {
  readonly profile: BenchProfile;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** These rows only. */
  readonly rows?: readonly string[];
  /** The folder of the peers. */
  readonly peers?: string;
  readonly redisServer?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (text: string) => void;
  /** Told of each row as soon as it is judged. */
  readonly onRow?: (line: BenchLine) => void;
}

interface Spread {
  /** null where nothing was measured. */
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** One row, judged. */
export interface BenchLine extends Spread {
  readonly id: string;
  readonly figure: string;
  readonly unit: string;
  readonly threshold: number;
  readonly direction: "at_most" | "at_least";
  /** The threshold itself does not meet it. */
  readonly strict?: boolean;
  readonly verdict: Verdict;
  readonly rounds: number;
  /** Where there is a peer: the figure is ours divided by the peer's. */
  readonly ratio?: number | null;
  readonly ours?: Spread;
  readonly peer?: Spread & { readonly name: string };
  readonly reason?: string;
}

export interface BenchEvidence extends LayerEvidence {
  readonly json: {
    readonly profile: BenchProfile;
    readonly seed: number;
    readonly machine: {
      readonly cores: number;
      readonly cpu: string;
      readonly node: string;
      readonly redis: string;
      readonly platform: string;
    };
    readonly rows: readonly BenchLine[];
  };
}

/** Where a bug can be planted. */
export type PlantedIn = "design" | "scripts" | "scheduler" | "redis" | "judges";

/** A planted bug, and a layer that has to catch it. A bug that several layers can run is here once for each, the cheapest first. */
export interface Mutant {
  /** Unique within what it is planted in. */
  readonly id: string;
  readonly plantedIn: PlantedIn;
  readonly layer: "explore" | "conform" | "simulate" | "inject" | "check";
  /** How conform must run to meet it: with several calls on their way at once. */
  readonly concurrent?: boolean;
  /** The scenario that shows it, where it is simulated or run on real servers. */
  readonly scenario?: string;
  /** Of the model `system`, where it is explored. */
  readonly scope?: Readonly<Record<string, number>>;
  /** What was changed, in words. */
  readonly origin: string;
  /** The property that it breaks. */
  readonly property: PropertyId;
}

interface LabOptions {
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly signal: AbortSignal;
}

export interface Finding {
  readonly name: string;
  readonly status: "found" | "missing" | "wrong";
  /** Whether a run needs it; the others are ways to get what it needs. */
  readonly required: boolean;
  readonly where: string | null;
  readonly version: string | null;
  /** `path`, `PATH`, `cache`, … */
  readonly how: string | null;
  /** What was found where it is wrong, or what was tried where it is missing. */
  readonly reason: string | null;
  /** The exact command or step that puts it right. */
  readonly fix: string | null;
}

export interface CheckOptions {
  readonly file: string;
  /** null: the history of a run of ours. */
  readonly model: "node-jobs" | null;
  /** Milliseconds. */
  readonly budget: number;
  /** How often a history of a model is judged, for the median of the times. */
  readonly runs: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** A stored history, judged again. */
export interface CheckEvidence {
  readonly verdict: Verdict;
  /** For a reader: verdict, figures, and the story of what is impossible. */
  readonly lines: readonly string[];
  readonly json: {
    readonly ops: number;
    readonly verdict: Verdict;
    readonly seconds: number;
    readonly reason?: string;
  };
}

export interface Layers {
  runConform(options: ConformOptions): Promise<ConformEvidence>;
  readonly mutants: readonly Mutant[];
  /** Planted bugs that a layer can run and cannot see, by `<planted in> <id>`, and why. */
  readonly unseen: { readonly [bug: string]: string };
  /** The id of the mutant that every verify must catch first. */
  readonly canary: string;
  runExplore(options: ExploreLayerOptions): Promise<LayerEvidence>;
  runInject(options: InjectOptions): Promise<InjectEvidence>;
  checkFile(options: CheckOptions): Promise<CheckEvidence>;
  /** The judges with one planted mistake, over histories of known verdict: `violated` when it shows. */
  runPlantedJudges(mutant: string): Promise<LayerEvidence>;
  /** Those that real servers can run. */
  scenarioNames(): Promise<readonly string[]>;
  /** What the simulator and the models take for granted about Redis, and the way to it, checked on a real one. */
  runContracts(options: ContractsOptions): Promise<LayerEvidence>;
  /** Those that a verify of this profile runs on real servers, in its order; on the given ones, those that can be run there. */
  gateScenarios(profile: "quick" | "full" | "soak", redis?: RedisTopology): Promise<readonly PlacedScenario[]>;
  runSimulate(options: SimulateLayerOptions): Promise<SimulateEvidence>;
  reproduce(options: ReproduceLayerOptions): Promise<Reproduction>;
  runLockstep(options: Omit<LockstepOptions, "now" | "createScheduler">): Promise<LockstepEvidence>;
  /** @throws VoidMutantError when it cannot be planted */
  huntSimulate(options: HuntLayerOptions): Promise<Hunted>;
  replaySimulate(options: Omit<SimulateReplayOptions, "now" | "planted">): Promise<SimulateReplay>;
  /** The plans that are kept: each has to hold, and to reach what it is about. */
  runRegressions(options: Pick<RegressionsOptions, "signal" | "onProgress" | "dir">): Promise<LayerEvidence>;
  /** Those that can be simulated, in the order in which a gate runs them. */
  simulatedNames(): Promise<readonly string[]>;
  runBench(options: BenchOptions): Promise<BenchEvidence>;
  /** The ids of all rows, in order. */
  benchRows(): Promise<readonly string[]>;
  examine(options: LabOptions): Promise<readonly Finding[]>;
}
