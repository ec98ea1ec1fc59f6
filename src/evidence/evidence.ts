/**
 * The evidence of a layer for the report. The report adds nothing to it: a figure or a count that is absent here was not measured.
 */
import type { Cause } from "../check/cause.ts";
import type { PropertyId } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { Timeline } from "./timeline.ts";

export const layerNames = ["canary", "explore", "conform", "simulate", "inject", "check", "bench", "mutants"] as const;
export type LayerName = (typeof layerNames)[number];

export interface Figure {
  /** Words with the unit last: `read_latency_ms_p99`. */
  readonly name: string;
  readonly value: number;
  /** The limit, an upper one unless `direction` says otherwise; absent: the figure is not judged. */
  readonly threshold?: number;
  readonly direction?: "at_most" | "at_least";
  /** The scenario and, where there is a pair, the side: `redis-gone, fault`. */
  readonly of?: string;
}

export interface PropertyEvidence {
  readonly id: PropertyId;
  readonly verdict: Verdict;
  /** How often the premise was met. 0 is `not_exercised`, never `held`. */
  readonly exercised: number;
  readonly figures: readonly Figure[];
  readonly tokens: readonly string[];
  /** Why it is unknown, broken or not exercised. */
  readonly reason?: string;
  /** The reason in machine-readable form. */
  readonly cause?: Cause;
  /** Why it was not asked for, so that it does not count; absent: it counts. */
  readonly not_asked?: string;
}

export interface Violation {
  readonly property: PropertyId;
  readonly scenario: string;
  readonly layer: LayerName;
  readonly token: string;
  /** The explanation; its first line says what was found and what was allowed. */
  readonly story: readonly string[];
  /** Files beside the report, as paths relative to its folder. */
  readonly files: readonly string[];
  /** The report draws it into a file, and names that in `files`. */
  readonly timeline?: Timeline;
}

export interface MutantEvidence {
  readonly id: string;
  readonly origin: string;
  readonly layer: LayerName;
  readonly verdict: "killed" | "survived" | "void";
  readonly property: PropertyId;
  readonly runs_to_kill: number | null;
  readonly token: string | null;
}

/**
 * `latency_ms`, `mode`, `behind` (how many changes of the store a view lacks) and `stall_ms` (for how long the machine gave the run no processor,
 * from then on) are values over time. The others are distributions, a value and a share: `margin_ms` the share of reads that left at most this much
 * of the budget (negative: exceeded it), `noise_ms` the share of moments at which a wake-up would have been at least this late.
 */
export const seriesKinds = ["latency_ms", "mode", "behind", "stall_ms", "margin_ms", "noise_ms"] as const;

/** Layers thin their series; more than this is a bug. */
export const mostPointsOfSeries = 5_000;

/** One series of numbers for a picture; points in order. */
export interface Series {
  readonly name: string;
  readonly scenario: string;
  readonly kind: (typeof seriesKinds)[number];
  readonly side: "fault" | "control";
  /** `[at_ms, value]`, or `[value, share]` of a distribution. */
  readonly points: readonly (readonly [number, number])[];
}

/** When a fault was in force, for the pictures: `[from, to)` in ms since the start of the run. */
export interface FaultWindow {
  readonly scenario: string;
  readonly kind: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** One property in one of several runs on the same seed. */
export interface AttemptedProperty {
  readonly id: PropertyId;
  readonly verdict: Verdict;
  /** The violation or the reason of that run, in one line; absent where it was held. */
  readonly found?: string;
}

/** One of several runs on the same seed. */
export interface AttemptEvidence {
  /** Counted from 1. */
  readonly run: number;
  readonly verdict: Verdict;
  /** Why the run was repeated; absent for the last one. */
  readonly again?: string;
  readonly properties: readonly AttemptedProperty[];
}

/** A scenario that was run more than once on the same seed. Each of these runs is counted in `runs`. */
export interface RepeatEvidence {
  readonly scenario: string;
  readonly token: string;
  readonly attempts: readonly AttemptEvidence[];
}

/** One step of a run, such as a scenario of a layer: when it ran, and what it judged. */
export interface StepEvidence {
  /** `inject redis-gone`, `explore system`. */
  readonly name: string;
  readonly seed: number;
  /** Since the start of the run. */
  readonly from_ms: number;
  readonly to_ms: number;
  readonly verdict: Verdict;
  readonly properties: readonly Pick<PropertyEvidence, "id" | "verdict" | "exercised">[];
}

/** An exploration by depth: how many states were first seen after so many steps, from 0 on. */
export interface ExploredModel {
  readonly model: string;
  readonly scope: string;
  readonly levels: readonly number[];
  /** Whether every reachable state was seen. */
  readonly complete: boolean;
}

export interface LayerEvidence {
  readonly name: LayerName;
  readonly verdict: Verdict;
  readonly runs: number;
  readonly duration_ms: number;
  readonly properties: readonly PropertyEvidence[];
  readonly violations: readonly Violation[];
  readonly mutants: readonly MutantEvidence[];
  readonly series: readonly Series[];
  readonly faults: readonly FaultWindow[];
  /** Scenarios that were run more than once; absent: none. */
  readonly repeats?: readonly RepeatEvidence[];
  /** Its steps of the first round, and those of later ones that were not held; absent: they were not recorded. */
  readonly steps?: readonly StepEvidence[];
  /** Absent: nothing was explored, or that was not recorded. */
  readonly explored?: readonly ExploredModel[];
  /** Properties that this part could not observe, where nothing else keeps it from `held`: another part of the layer may have exercised them. */
  readonly withheld?: readonly PropertyId[];
  /** Why the layer is broken or inconclusive, where it is. */
  readonly reason?: string;
  /** The reason in machine-readable form; absent: the causes of its open properties, and `unspecified` where it has a reason of its own. */
  readonly cause?: Cause;
}
