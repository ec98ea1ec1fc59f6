/** Messages between the command and its worker processes. */
import type { PropertyId } from "../../check/properties.ts";
import type { LayerName } from "../../evidence/evidence.ts";
import type { Edit } from "../mutant.ts";

/** One run of a layer of the gate, the smallest unit that is made for a mutant. */
export type GateRun =
  | { readonly kind: "simulate"; readonly scenario: string; readonly seed: number }
  | { readonly kind: "conform"; readonly isConcurrent: boolean; readonly seed: number; readonly runs: number }
  | { readonly kind: "contract"; readonly check: string; readonly seed: number }
  | { readonly kind: "lockstep"; readonly scenario: string; readonly seed: number }
  | { readonly kind: "inject"; readonly scenario: string; readonly seed: number }
  /** Tests of the checkers. */
  | { readonly kind: "tests"; readonly folder: string; readonly files: readonly string[] };

export const runKinds = [
  "simulate",
  "conform",
  "contract",
  "lockstep",
  "inject",
] as const satisfies readonly GateRun["kind"][];

/** The layer of the gate to which a run belongs. */
export function layerOf({ kind }: GateRun): LayerName {
  if (kind === "contract") return "inject";
  if (kind === "tests") return "check";
  return kind === "lockstep" ? "simulate" : kind;
}

export function runName(run: GateRun): string {
  switch (run.kind) {
    case "conform":
      return `conform${run.isConcurrent ? ", concurrent" : ""}, seed ${run.seed}`;
    case "contract":
      return `contract-${run.check}`;
    case "tests":
      return `tests ${run.folder}`;
    default:
      return `${run.kind} ${run.scenario}, seed ${run.seed}`;
  }
}

export interface Request {
  readonly run: GateRun;
  /** The number of the active mutant; 0: none. */
  readonly active: number;
  /** A changed script. */
  readonly edit: Edit | null;
  /** The program to use; null: the one that is found. */
  readonly redisServer: string | null;
  /** Whether the places that ran are reported. */
  readonly isCovered: boolean;
}

export interface Reply {
  /** `broken`: the run itself could not be judged, with the reason. */
  readonly verdict: "held" | "violated" | "broken" | "open";
  readonly property: PropertyId | null;
  readonly reason: string | null;
  readonly token: string | null;
  /** Comparable between runs of one kind: events, or commands; 0: unknown. */
  readonly cost: number;
  /** The properties that it exercised, and the kinds of load that succeeded in it. Without any of them a gate is inconclusive. */
  readonly met: readonly string[];
  /** A fingerprint of everything that happened, where the run is a function of its seed. */
  readonly trace: string | null;
  /** The mutants whose place ran. Empty unless they were wanted. */
  readonly reached: readonly number[];
}

/** The findings of a run. */
export type RunResult = Omit<Reply, "reached">;

/** Sent once, when the instrumented modules are loaded. */
export interface Ready {
  /** The mutants whose place ran while the modules were loaded. */
  readonly loaded: readonly number[];
}
