/** What the commands need of the layers; tests hand in their own. */
import type { PropertyId } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { LayerEvidence } from "../report/evidence.ts";

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

export interface InjectOptions {
  readonly scenario: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly onProgress?: (text: string) => void;
  /** Where histories are kept; without it they are not. */
  readonly dir?: string;
  /** The wrong scheduler to run instead of ours. */
  readonly planted?: string;
}

export interface InjectEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
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

/** A planted bug. */
export interface Mutant {
  readonly id: string;
  /** Which layer runs it and must catch it. */
  readonly layer: "conform" | "inject";
  /** How conform must run to meet it: with several calls on their way at once. */
  readonly concurrent?: boolean;
  /** The scenario that shows it, where inject runs it. */
  readonly scenario?: string;
  /** What was changed, in words. */
  readonly origin: string;
  /** The property that it breaks. */
  readonly property: PropertyId;
}

interface LabOptions {
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
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

export interface Layers {
  runConform(options: ConformOptions): Promise<ConformEvidence>;
  readonly mutants: readonly Mutant[];
  /** The id of the mutant that every verify must catch first. */
  readonly canary: string;
  runInject(options: InjectOptions): Promise<InjectEvidence>;
  /** In the order in which a gate runs them. */
  scenarioNames(): Promise<readonly string[]>;
  runBench(options: BenchOptions): Promise<BenchEvidence>;
  /** The ids of all rows, in order. */
  benchRows(): Promise<readonly string[]>;
  examine(options: LabOptions): Promise<readonly Finding[]>;
}
