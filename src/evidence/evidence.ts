/**
 * What a layer hands to the report. The report adds nothing to it: a figure or a count that is not here was not measured.
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
  /** What it may be at most (or at least, where `direction` says so); absent where it is only told. */
  readonly threshold?: number;
  readonly direction?: "at_most" | "at_least";
  /** Which scenario and which side of the pair, where there is one: `redis-gone, fault`. */
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
  /** The same for machines. */
  readonly cause?: Cause;
}

export interface Violation {
  readonly property: PropertyId;
  readonly scenario: string;
  readonly layer: LayerName;
  readonly token: string;
  /** What happened, in words, as many lines as it takes; the first says what was found and what was allowed. */
  readonly story: readonly string[];
  /** Files beside the report, relative to its folder. */
  readonly files: readonly string[];
  /** What its picture is made of; the report draws it into a file and names that in `files`. */
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
 * What the numbers of a series are. `latency_ms` and `mode` are values over time, and so is `behind`: of how many changes of the store a view was
 * without. The others are tails, a value and a share: `margin_ms` which share of the reads kept at most so much of the budget (negative: exceeded
 * it), `noise_ms` at which share of the moments a wake-up would have been at least so late.
 */
export const seriesKinds = ["latency_ms", "mode", "behind", "margin_ms", "noise_ms"] as const;

/** A layer thins what it hands in; more than this is a bug. */
export const mostPointsOfSeries = 5_000;

/** One series of numbers worth a picture; points in order. */
export interface Series {
  readonly name: string;
  readonly scenario: string;
  readonly kind: (typeof seriesKinds)[number];
  readonly side: "fault" | "control";
  /** `[at_ms, value]`, or `[value, share]` of a tail. */
  readonly points: readonly (readonly [number, number])[];
}

/** What was done to the world when, for the pictures: `[from, to)` in ms since the start of the run. */
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
  /** From 1. */
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
  /** What was run more than once; absent: nothing was. */
  readonly repeats?: readonly RepeatEvidence[];
  /** Properties that could not be seen here, where they alone keep the layer from `held`: another part of it may have exercised them. */
  readonly withheld?: readonly PropertyId[];
  /** Why the layer is broken or inconclusive, where it is. */
  readonly reason?: string;
  /** The same for machines; absent: what its open properties say, and `unspecified` where the layer has a reason of its own. */
  readonly cause?: Cause;
}
