/** The options of a batch of simulated seeds, and the line that each seed reports. */
import type { PropertyId } from "../../check/properties.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import type { ModuleIdentity } from "../elsewhere/scheduler-module.ts";
import type { Branch } from "../plan/branch.ts";
import type { ExplicitPlan } from "../plan/plan-file.ts";
import type { Listener } from "../trace/bus.ts";

/** The scheduler that runs in place of ours. */
export interface OtherScheduler {
  /** The id of a mutant of our scheduler; null: it is none. */
  readonly id: string | null;
  readonly createScheduler: typeof createScheduler;
  /** Where it was written elsewhere. */
  readonly module?: ModuleIdentity | undefined;
}

export interface SimulateOptions {
  readonly scenario: string;
  /** From the first to the last, both included. */
  readonly seeds: { readonly from: number; readonly to: number };
  /** How many seeds may run after them, one by one, while the batch lacks a mark, a property or a kind of load, and nothing was wrong; none by default. */
  readonly moreSeeds?: number;
  /** The run of each seed takes these branches; absent: none. */
  readonly branches?: readonly Branch[];
  /** Only every `of`-th seed, from the `index`-th on; `index` is 1 to `of`. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** Ends the batch; the seed that is running is dropped. */
  readonly signal: AbortSignal;
  /** Monotone milliseconds, for how long things took. */
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
  /** Called for each seed as soon as it is judged. `trace`: the lines of the first seed's trace; empty for the others. */
  readonly onSeed?: (line: SeedLine, trace: readonly string[]) => void;
  readonly planted?: OtherScheduler;
  /** Computing takes virtual time; `planted` counts it (cost/instrument.ts). */
  readonly isCharged?: boolean;
  /** Ends the batch with the first seed that is not held. */
  readonly untilFailure?: boolean;
  /** Further listeners to the runs, except the second run of the first seed. */
  readonly listeners?: readonly Listener[];
  /** Whether each kind of failure is shrunk and drawn, or reported as it is; `plain` by default with `untilFailure`. */
  readonly failures?: "shrunk" | "plain";
  /** The time for shrinking that several batches share, as far as it is left: one that fails in every way leaves time for the others. */
  readonly shrinking?: ShrinkTime;
  /** The folder for plans and traces of failures; absent: none are kept. */
  readonly dir?: string | undefined;
  /** An explicit plan that runs instead of the plan of a seed; only its property is judged. */
  readonly given?: { readonly plan: ExplicitPlan; readonly property: PropertyId; readonly token: string };
}

export interface ShrinkTime {
  /** Milliseconds. */
  left: number;
  /** Properties of which one failure has been shrunk. */
  readonly shrunk: Set<PropertyId>;
}

/** One seed, for machines. */
export interface SeedLine {
  readonly scenario: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly trace_hash: string;
  readonly events: number;
  readonly virtual_ms: number;
  readonly wall_ms: number;
  readonly token: string;
  /** Where the run is a branch of the seed's. */
  readonly branches?: readonly Branch[];
  /** Where it is not held. */
  readonly reasons?: readonly string[];
}
