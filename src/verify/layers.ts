/** The interface between the commands and the layers; tests pass their own implementation. */
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { PropertyId } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import type { ReplayToken } from "../evidence/token.ts";
import type { HistoryModel } from "../history/models.ts";
import type { ContractsOptions } from "../inject/contract/run-all.ts";
import type { SystemCheck, SystemCheckOptions } from "../inject/systems/check/check.ts";
import type { GreetOptions } from "../inject/systems/greeting.ts";
import type { LockstepEvidence } from "../lockstep/batch-evidence.ts";
import type { LockstepOptions } from "../lockstep/run.ts";
import type { ReproduceOptions, Reproduction } from "../reproduce/reproduce.ts";
import type { SimulateEvidence } from "../simulate/batch/evidence.ts";
import type { Hunted, HuntOptions } from "../simulate/batch/hunt.ts";
import type { SimulateOptions } from "../simulate/batch/options.ts";
import type { SchedulerModule } from "../simulate/elsewhere/scheduler-module.ts";
import type { GuidedEvidence, GuidedLimit, GuidedOptions } from "../simulate/guided/guided.ts";
import type { RegressionsOptions } from "../simulate/run/regressions.ts";
import type { SimulateReplay, SimulateReplayOptions } from "../simulate/run/replay.ts";
import type { SystemUnderTest } from "../sut/command.ts";
import type { ViewedRun } from "../viewer/viewed-run.ts";
import type { Reported, Watched, WatchOptions } from "../watch/watch.ts";

export type { Watched };
export type WatchReport = Reported;

export interface ConformOptions {
  readonly runs: number;
  readonly seed: number;
  /** The folder of the scripts; ours where it is absent. */
  readonly luaDir?: string;
  /** The id of the mutant to run. */
  readonly mutant?: string;
  /** Calls of several clients are in flight at once. */
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
  /** A named scope, or bounds; bounds that are absent have the model's standard value. */
  readonly scope?: string | Readonly<Record<string, number>>;
  readonly threads: number;
  readonly memoryMb: number;
  readonly symmetry: boolean;
}

export interface ExploreLayerOptions extends ExploreChoice {
  /** The id of the model mutant to explore. */
  readonly mutant?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

export interface InjectOptions {
  readonly scenario: string;
  readonly seed: number;
  /** The servers, where they are not those of the scenario. */
  readonly redis?: RedisTopology;
  readonly signal: AbortSignal;
  /** Each instance is a process of its own, although no fault needs it. */
  readonly processes?: true;
  /** A scheduler written elsewhere, which was greeted; it is run instead of ours. */
  readonly system?: SystemUnderTest;
  /** Properties that may stay open. */
  readonly exclude?: readonly PropertyId[];
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly onProgress?: (text: string) => void;
  /** The folder for histories; absent: they are not kept. */
  readonly dir?: string;
  /** The histories are compressed. */
  readonly isPacked?: true;
  /** The id of the scheduler mutant to run. */
  readonly mutant?: string;
}

/** A scenario, and its servers where they are not those that it names. */
export interface PlacedScenario {
  readonly scenario: string;
  readonly redis?: RedisTopology;
}

export interface InjectEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

export type SimulateLayerOptions = Omit<SimulateOptions, "now" | "planted"> & {
  /** The id of the scheduler mutant to run. */
  readonly mutant?: string;
  /** A scheduler that was written elsewhere. */
  readonly module?: SchedulerModule;
};

/** A batch that can be copied into a thread. */
export type BesideOptions = Omit<SimulateLayerOptions, "listeners" | "module" | "onSeed">;

/** `corpus`: the folder; absent: nothing is read, and nothing kept. */
export type GuidedLayerOptions = Omit<GuidedOptions, "now" | "planted" | "corpus" | keyof GuidedLimit> & {
  readonly corpus?: string;
  /** The id of the scheduler mutant to run. */
  readonly mutant?: string;
};

export type ReproduceLayerOptions = Omit<ReproduceOptions, "now" | "mutant"> & {
  /** The id of the scheduler mutant that ran. */
  readonly mutant?: string;
};

export interface ViewOptions {
  readonly token: ReplayToken;
  /** The token, as text. */
  readonly text: string;
  readonly module?: SchedulerModule;
  /** Our own scheduler instead of the token's mutant. */
  readonly isRight?: boolean;
  readonly onProgress?: (text: string) => void;
}

/** Simulates a scheduler mutant until a run fails. */
export interface HuntLayerOptions extends Omit<HuntOptions, "now" | "planted" | "scenario"> {
  readonly mutant: string;
  readonly scenario: string;
}

export type BenchProfile = "quick" | "full";

export interface BenchOptions {
  readonly profile: BenchProfile;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Only these rows. */
  readonly rows?: readonly string[];
  /** The id of the slow mutant to measure instead. */
  readonly mutant?: string;
  /** The folder of the peers. */
  readonly peers?: string;
  readonly redisServer?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (text: string) => void;
  /** Called for each row as soon as it is judged. */
  readonly onRow?: (line: BenchLine) => void;
}

interface Spread {
  /** null: nothing was measured. */
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** One row with its verdict. */
export interface BenchLine extends Spread {
  readonly id: string;
  readonly figure: string;
  readonly unit: string;
  readonly threshold: number;
  readonly direction: "at_most" | "at_least";
  /** A median equal to the threshold does not meet it. */
  readonly strict?: boolean;
  readonly verdict: Verdict;
  readonly rounds: number;
  /** Our figure divided by the peer's, where there is a peer. */
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

/** The part of the system that a mutant changes. */
export type MutatedPart = "design" | "scripts" | "scheduler" | "redis" | "judges";

/** A mutant, and a layer that has to kill it. A mutant of several layers is listed once for each, the cheapest layer first. */
export interface Mutant {
  /** Unique within its part. */
  readonly id: string;
  readonly part: MutatedPart;
  readonly layer: "explore" | "conform" | "simulate" | "inject" | "bench" | "check";
  /** Only calls that are in flight at once show it in conform. */
  readonly concurrent?: boolean;
  /** The scenario that shows it in simulate or inject, or the row of the bench. */
  readonly scenario?: string;
  /** The smallest scope of the model `system` that shows it in explore. */
  readonly scope?: Readonly<Record<string, number>>;
  /** The change, in words. */
  readonly origin: string;
  /** The property that it violates. */
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
  /** Whether a run needs it; the others only provide what it needs. */
  readonly required: boolean;
  readonly where: string | null;
  readonly version: string | null;
  /** `path`, `PATH`, `cache`, … */
  readonly how: string | null;
  /** `wrong`: what was found. `missing`: what was tried. */
  readonly reason: string | null;
  /** The exact command or step that repairs it. */
  readonly fix: string | null;
}

export interface CheckOptions {
  readonly file: string;
  /** null: a history that inject wrote. */
  readonly model: HistoryModel | null;
  /** Milliseconds. */
  readonly budget: number;
  /** How often a history of a model is judged, for the median of the times. */
  readonly runs: number;
  /** Aborts the check at once. */
  readonly signal: AbortSignal;
}

/** The result for a stored history. */
export interface CheckEvidence {
  readonly verdict: Verdict;
  /** For a reader: verdict, figures, and an explanation of what is impossible. */
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
  /** Mutants that the simulator can run but not detect, by `<part> <id>`, with the reason. */
  readonly unseen: { readonly [mutant: string]: string };
  /** The mutants that a verify has to kill first, one for each of its layers. */
  readonly canaries: readonly Pick<Mutant, "id" | "layer">[];
  runExplore(options: ExploreLayerOptions): Promise<LayerEvidence>;
  runInject(options: InjectOptions): Promise<InjectEvidence>;
  checkFile(options: CheckOptions): Promise<CheckEvidence>;
  /** Runs the mutated judges over histories of known verdict: `violated` where they are wrong. */
  runJudgeMutant(mutant: string): Promise<LayerEvidence>;
  /** @throws UsageError where its command cannot be started; SutError where it does not get ready */
  greetSystem(options: GreetOptions): Promise<SystemUnderTest>;
  /** @throws UsageError where its command cannot be started; LabError where there is no Redis */
  checkSystem(options: SystemCheckOptions): Promise<SystemCheck>;
  /** The scenarios that run on real servers. */
  scenarioNames(): Promise<readonly string[]>;
  /** Checks on a real Redis what the simulator and the models assume about Redis and its connections. */
  runContracts(options: ContractsOptions): Promise<LayerEvidence>;
  /** The scenarios that verify runs on real servers, in order. With `redis`, those that can run there. */
  gateScenarios(profile: "quick" | "full" | "soak", redis?: RedisTopology): Promise<readonly PlacedScenario[]>;
  /** Those of them that such a system can meet, each with the fault that it cannot, where there is one. */
  systemScenarios(
    profile: "quick" | "full" | "soak",
    system: Pick<SystemUnderTest, "hasDocumentedKeys" | "ops" | "subscribes">,
  ): Promise<readonly PlacedScenario[]>;
  runSimulate(options: SimulateLayerOptions): Promise<SimulateEvidence>;
  /** As `runSimulate`, in a thread. */
  simulateBeside(options: BesideOptions): Promise<SimulateEvidence>;
  /** Checks the scenario and reads its corpora at once, and returns the run itself.
   * @throws UsageError for a mutant that no such run shows, and for a damaged corpus
   */
  prepareGuided(options: GuidedLayerOptions): Promise<(limit: GuidedLimit) => Promise<GuidedEvidence>>;
  /** The ids of scheduler mutants that few seeds show: only guided simulation is expected to find them. */
  readonly rareMutants: readonly string[];
  reproduce(options: ReproduceLayerOptions): Promise<Reproduction>;
  runLockstep(options: Omit<LockstepOptions, "now" | "createScheduler">): Promise<LockstepEvidence>;
  /** @throws VoidMutantError where the edit does not apply */
  huntSimulate(options: HuntLayerOptions): Promise<Hunted>;
  replaySimulate(
    options: Omit<SimulateReplayOptions, "now" | "planted"> & { readonly module?: SchedulerModule },
  ): Promise<SimulateReplay>;
  /** Runs what a token names again, for the trace viewer. */
  viewSimulated(options: ViewOptions): Promise<ViewedRun>;
  /**
   * A stored history, for the trace viewer.
   * @param properties whose first violation is marked; absent: those by which the run was judged
   * @throws UsageError for a file that is none
   */
  viewHistory(file: string, properties?: readonly PropertyId[]): Promise<ViewedRun>;
  /** Runs the stored plans: each has to hold, and to reach its marks. */
  runRegressions(options: Pick<RegressionsOptions, "signal" | "onProgress" | "dir">): Promise<LayerEvidence>;
  /** The scenarios that can be simulated, in the order of the gate. */
  simulatedNames(): Promise<readonly string[]>;
  runBench(options: BenchOptions): Promise<BenchEvidence>;
  /** The ids of all rows, in order. */
  benchRows(): Promise<readonly string[]>;
  /** Audits a live store, read-only. @throws UsageError for a URL that cannot be used; BrokenRunError where Redis refuses it */
  watchStore(options: Omit<WatchOptions, "clock" | "source">): Promise<Watched>;
  examine(options: LabOptions): Promise<readonly Finding[]>;
}
