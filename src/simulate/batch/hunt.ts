/**
 * Counts the seeds until a mutant is caught: a round goes from seed to seed until a property is violated, and each further round begins at a seed that
 * no other has run. A run that the scheduler as it is does not pass either kills no mutant.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Millis } from "../../protocol/time.ts";
import { createScheduler as ours } from "../../scheduler/scheduler.ts";
import { type Plan, planOf } from "../plan/plan.ts";
import { type Run, type RunOptions, runPlan } from "../run/run.ts";
import { tokenOf } from "../run/token.ts";
import { shrinkPlan } from "../shrink/shrink.ts";

export interface HuntOptions {
  readonly scenario: Scenario;
  readonly planted: { readonly id: string; readonly property: PropertyId; readonly createScheduler: typeof ours };
  /** The scheduler as it is, instrumented like the mutant: both are charged for computing. Absent: neither is. */
  readonly charged?: { readonly createScheduler: typeof ours };
  /** The first round begins at it. */
  readonly seed: number;
  readonly rounds: number;
  /** Seeds that a round gets. */
  readonly most: number;
  /** How long each of the first few kills is shrunk; 0: not at all. */
  readonly shrinkFor: Millis;
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
}

export interface Size {
  readonly faults: number;
  readonly actions: number;
}

export interface Hunted {
  /** `survived`: in some round no seed was enough. `void`: what ended a run was no property, or the right scheduler breaks it too. */
  readonly verdict: "killed" | "survived" | "void";
  /** The property that the first kill broke; the declared one of the mutant, if it is among them. */
  readonly property: PropertyId | null;
  /** Seeds until the kill, by round; null: it was not caught. No further rounds run once more than a tenth have missed. */
  readonly seeds: readonly (number | null)[];
  /** The token of the first kill. */
  readonly token: string | null;
  /** The median size of the shrunk plans of the first few kills. */
  readonly shrunk: Size | null;
  /** Why it is void. */
  readonly reason: string | null;
}

/** More rounds than this share without a kill, and there is nothing more to find out: nine of ten were wanted. */
const mostMissed = 0.1;

/** How many kills are shrunk. */
const mostShrunk = 5;

/** All seeds there are. */
const allSeeds = 0x1_0000_0000;

interface Kill {
  readonly seed: number;
  /** How many seeds it took. */
  readonly took: number;
  readonly plan: Plan;
  readonly property: PropertyId;
}

export async function huntMutant(options: HuntOptions): Promise<Hunted> {
  const { most, onProgress = () => {}, planted, rounds, scenario } = options;
  const kills: (Kill | null)[] = [];
  const isOpen = () => kills.filter((kill) => kill === null).length <= rounds * mostMissed;
  for (let round = 0; round < rounds && isOpen(); round += 1) {
    const found = await huntRound(options, (options.seed + round * most) % allSeeds);
    if (typeof found === "string") return voided(kills, found);
    kills.push(found);
    const took = kills.map((kill) => kill?.took ?? `over ${most}`).join(", ");
    if (rounds > 1) onProgress(`round ${round + 1} of ${rounds}, seeds until it was caught: ${took}`);
  }
  const first = kills.find((kill) => kill !== null) ?? null;
  return {
    verdict: kills.includes(null) ? "survived" : "killed",
    property: first?.property ?? null,
    seeds: kills.map((kill) => kill?.took ?? null),
    token:
      first === null
        ? null
        : tokenOf({ scenario, seed: first.seed, mutant: planted.id, isCharged: options.charged !== undefined }),
    shrunk: options.shrinkFor === 0 || options.charged !== undefined ? null : await shrinkSome(kills, options),
    reason: null,
  };
}

function voided(kills: readonly (Kill | null)[], reason: string): Hunted {
  const seeds = kills.map((kill) => kill?.took ?? null);
  return { verdict: "void", property: null, seeds, token: null, shrunk: null, reason };
}

/** @returns null when no seed was enough; a text: why it is void */
async function huntRound(options: HuntOptions, from: number): Promise<Kill | null | string> {
  const { charged, most, planted, scenario, signal } = options;
  const isCharged = charged !== undefined;
  for (let took = 1; took <= most; took += 1) {
    if (signal.aborted) return "interrupted";
    const seed = (from + took - 1) % allSeeds;
    const plan = planOf(scenario, seed);
    const wrong = await attempt({ plan, isCharged, createScheduler: planted.createScheduler, signal });
    if (signal.aborted) return "interrupted";
    if (typeof wrong === "string") return `seed ${seed}: ${wrong}`;
    const broken = violatedBy(wrong);
    const property = broken.find((id) => id === planted.property) ?? broken[0];
    if (property === undefined) continue;
    const right = await attempt({ plan, isCharged, createScheduler: charged?.createScheduler ?? ours });
    if (typeof right === "string") return `seed ${seed}, the scheduler as it is: ${right}`;
    const alike = violatedBy(right);
    if (alike.length > 0) return `seed ${seed}: the scheduler as it is breaks ${alike.join(", ")} too`;
    return { seed, took, plan, property };
  }
  return null;
}

/** @returns a text: why the run says nothing */
async function attempt(options: RunOptions): Promise<Run | string> {
  try {
    const run = await runPlan(options);
    return run.broken ?? run;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function violatedBy({ judgements }: Run): readonly PropertyId[] {
  return judgements.filter(({ verdict }) => verdict === "violated").map(({ property }) => property);
}

/** Several kills are shrunk, since one may get stuck where others do not. */
async function shrinkSome(kills: readonly (Kill | null)[], options: HuntOptions): Promise<Size | null> {
  const sizes: Size[] = [];
  for (const kill of kills.filter((one) => one !== null).slice(0, mostShrunk)) {
    const size = await shrink(kill, options);
    if (size !== null) sizes.push(size);
  }
  if (sizes.length === 0) return null;
  return {
    faults: medianOf(sizes.map(({ faults }) => faults)),
    actions: medianOf(sizes.map(({ actions }) => actions)),
  };
}

/** Nearest rank. */
function medianOf(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.ceil(counts.length / 2) - 1] ?? 0;
}

async function shrink(
  { plan, property }: Kill,
  { now, onProgress = () => {}, planted, shrinkFor, signal }: HuntOptions,
): Promise<Size | null> {
  const end = now() + shrinkFor;
  const isOver = (): boolean => signal.aborted || now() >= end;
  const { createScheduler } = planted;
  const shrunk = await shrinkPlan({ plan, property, createScheduler, isOver, onProgress });
  return shrunk === null ? null : { faults: shrunk.plan.faults.length, actions: shrunk.plan.actions.length };
}
