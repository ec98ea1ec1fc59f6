/**
 * Reproduces a failure on real servers as a simulated run that violates the same property, shrunk, as a token that replays anywhere.
 * The search tries seeds with the recorded run's scenario and the faults of its log.
 */

import type { Scenario } from "../../scenarios/declare/declare.ts";
import { findScenario } from "../../scenarios/registry.ts";
import type { PropertyId } from "../check/properties.ts";
import { BrokenRunError, UsageError } from "../evidence/failure.ts";
import { decodeToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { readTrial, type StoredTrial } from "../history/trial/file.ts";
import { checkTrial } from "../history/trial/judge.ts";
import { drawnOnServers } from "../load/plan/drawn-on-servers.ts";
import type { Millis } from "../protocol/time.ts";
import type { createScheduler } from "../scheduler/scheduler.ts";
import { simulatedNames } from "../simulate/batch/batch.ts";
import { notJudgedHere } from "../simulate/judges/not-judged.ts";
import type { Plan } from "../simulate/plan/plan.ts";
import { readPlan } from "../simulate/plan/plan-file.ts";
import { runPlan } from "../simulate/run/run.ts";
import { planTokenOf } from "../simulate/run/token.ts";
import { shrinkPlan } from "../simulate/shrink/shrink.ts";
import { type FaultTimes, faultTimesOf, planWith, recordedFaults } from "./fault-times.ts";

export interface ReproduceOptions {
  /** A history that inject wrote. */
  readonly file: string;
  /** For search and shrinking. */
  readonly budget: Millis;
  readonly seed: number;
  /** The mutant that ran. */
  readonly mutant?: { readonly id: string; readonly createScheduler: typeof createScheduler };
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
}

/** A property that the real run violated, and the result of the search. */
export type ReproducedProperty = {
  readonly property: PropertyId;
  /** The first line of the real violation. */
  readonly real: string;
} & (
  | {
      readonly kind: "lifted";
      readonly token: string;
      readonly seed: number;
      readonly faultTimes: FaultTimes;
      /** The violation of the simulated run. */
      readonly story: readonly string[];
      readonly faults: number;
      readonly actions: number;
      readonly isSettled: boolean;
    }
  | { readonly kind: "not_found"; readonly seeds: number }
  | { readonly kind: "not_simulated"; readonly reason: string }
);

export interface Reproduction {
  readonly scenario: string;
  readonly side: "fault" | "control";
  readonly seeds: number;
  readonly seconds: number;
  /** Empty where the history violates nothing. */
  readonly properties: readonly ReproducedProperty[];
}

/** The rest of the budget is for shrinking. */
const searchShare = 0.5;

interface Found {
  readonly seed: number;
  readonly faultTimes: FaultTimes;
  readonly plan: Plan;
}

/** @throws UsageError, BrokenRunError for a file that is no such history */
export async function reproduce(options: ReproduceOptions): Promise<Reproduction> {
  const { budget, file, now, signal } = options;
  const startedAt = now();
  const broken = brokenBy(file, now);
  const stored = readTrial(file);
  const scenario = scenarioOf(stored, file);
  const recorded = recordedFaults(scenario, stored.trial);
  const sought = [...broken.keys()].filter((property) => notJudgedHere[property] === undefined);
  const isOver = (until: number) => (): boolean => signal.aborted || now() >= until;
  const { side } = stored.trial;
  const { found, seeds } = await search(
    options,
    { scenario, recorded, side, sought },
    isOver(startedAt + budget * searchShare),
  );
  const properties: ReproducedProperty[] = [];
  let left = found.size;
  for (const [property, real] of broken) {
    const reason = notJudgedHere[property];
    const at = found.get(property);
    if (reason !== undefined) properties.push({ kind: "not_simulated", property, real, reason });
    else if (at === undefined) properties.push({ kind: "not_found", property, real, seeds });
    else {
      const share = (startedAt + budget - now()) / left;
      left -= 1;
      properties.push({ property, real, ...(await shrunkTo(property, at, options, isOver(now() + share))) });
    }
  }
  return {
    scenario: scenario.name,
    side,
    seeds,
    seconds: Math.round(now() - startedAt) / 1_000,
    properties,
  };
}

/** The scenario as it ran: the seed draws the same faults again. */
function scenarioOf({ redis, scenario: name, seed }: StoredTrial, file: string): Scenario {
  const scenario = findScenario(name);
  if (scenario !== undefined && simulatedNames().includes(name))
    return drawnOnServers(scenario, redis, seed)?.scenario ?? scenario;
  const found = scenario === undefined ? "there is none of that name here" : "one of its faults cannot be simulated";
  throw new UsageError(`a history of scenario ${JSON.stringify(name)}: ${found}`, {
    where: file,
    fix: `reproduce one of ${simulatedNames().join(", ")}, in the checkout that wrote it`,
  });
}

/** The violated properties, judged again, with the first line of each first violation. @throws UsageError for a history that is too large */
function brokenBy(file: string, now: () => number): ReadonlyMap<PropertyId, string> {
  const { judgements, reason, run } = checkTrial(file, now);
  if (run === undefined)
    throw new UsageError(reason ?? "a history that is not judged", { where: file, fix: "reproduce a shorter run" });
  const violated = judgements.filter(({ verdict }) => verdict === "violated");
  return new Map(violated.map(({ property, violations }) => [property, violations[0]?.[0] ?? ""]));
}

interface Sought {
  readonly scenario: Scenario;
  readonly recorded: Parameters<typeof planWith>[2];
  readonly side: Reproduction["side"];
  readonly sought: readonly PropertyId[];
}

/** Tries seeds until each property has been violated once, or until the time is up. */
async function search(
  { onProgress = () => {}, mutant, seed: first }: ReproduceOptions,
  { recorded, scenario, side, sought }: Sought,
  isOver: () => boolean,
): Promise<{ readonly found: ReadonlyMap<PropertyId, Found>; readonly seeds: number }> {
  const found = new Map<PropertyId, Found>();
  let seeds = 0;
  while (found.size < sought.length && !isOver()) {
    const seed = first + seeds;
    seeds += 1;
    const faultTimes = faultTimesOf(seed, side);
    const plan = planWith(faultTimes, scenario, recorded, seed);
    const properties = sought.filter((property) => !found.has(property));
    const { broken, judgements } = await runPlan({ plan, properties, ...schedulerOf(mutant) });
    if (broken !== null) {
      throw new BrokenRunError(`the simulated run of seed ${seed} cannot be believed: ${broken}`, {
        where: `scenario ${scenario.name}`,
        fix: "see docs/simulation.md",
      });
    }
    for (const { property, verdict } of judgements) {
      if (verdict === "violated") found.set(property, { seed, faultTimes, plan });
    }
    onProgress(`${seeds} seeds   ${found.size} of ${sought.length} properties broken again`);
  }
  return { found, seeds };
}

async function shrunkTo(
  property: PropertyId,
  { faultTimes, plan, seed }: Found,
  { onProgress = () => {}, mutant }: ReproduceOptions,
  isOver: () => boolean,
) {
  const scheduler = schedulerOf(mutant);
  onProgress(`${property}: shrinking`);
  const shrunk = await shrinkPlan({ plan, property, isOver, onProgress, ...scheduler });
  if (shrunk === null) throw lost(property, seed);
  const token = planTokenOf({ plan: shrunk.plan, property, ...withoutUndefined({ mutant: mutant?.id }) });
  // The result is checked from the token alone, as its reader will use it.
  const again = await runPlan({
    plan: readPlan(decodeToken(token).plan, "token: plan").plan,
    properties: [property],
    ...scheduler,
  });
  const [judgement] = again.judgements;
  if (again.hash !== shrunk.hash || judgement?.verdict !== "violated") throw lost(property, seed);
  return {
    kind: "lifted",
    ...{ token, seed, faultTimes, story: judgement.violations[0] ?? [] },
    ...{ faults: shrunk.plan.faults.length, actions: shrunk.plan.actions.length, isSettled: shrunk.isSettled },
  } as const;
}

function schedulerOf(mutant: ReproduceOptions["mutant"]) {
  return withoutUndefined({ createScheduler: mutant?.createScheduler });
}

function lost(property: PropertyId, seed: number): BrokenRunError {
  return new BrokenRunError(`seed ${seed} broke ${property} once, and not when it was run again`, {
    where: "reproduce",
    fix: "report it: a run must be a function of its plan",
  });
}
