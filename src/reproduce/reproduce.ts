/**
 * From real to simulated: a run that broke a property on real servers, met again in the simulator, made as small as it can be, and handed out as
 * a token that replays anywhere. Seeds are tried with the run's own scenario and the faults of its log; what is not found is said to be not found.
 */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import { findScenario } from "../../scenarios/registry.ts";
import type { PropertyId } from "../check/properties.ts";
import { BrokenRunError, UsageError } from "../evidence/failure.ts";
import { decodeToken } from "../evidence/token.ts";
import { readTrial, type StoredTrial } from "../history/trial/file.ts";
import { checkTrial } from "../history/trial/judge.ts";
import { drawnOnServers } from "../load/plan/drawn-on-servers.ts";
import type { Millis } from "../scheduler/ports.ts";
import type { createScheduler } from "../scheduler/scheduler.ts";
import { simulatedNames } from "../simulate/batch/batch.ts";
import { notJudgedHere } from "../simulate/judges/registry.ts";
import type { Plan } from "../simulate/plan/plan.ts";
import { readPlan } from "../simulate/plan/plan-file.ts";
import { runPlan } from "../simulate/run/run.ts";
import { planTokenOf } from "../simulate/run/token.ts";
import { shrinkPlan } from "../simulate/shrink/shrink.ts";
import { type Likeness, likenessOf, planLike, recordedFaults } from "./likeness.ts";

export interface LiftOptions {
  /** As inject writes it. */
  readonly file: string;
  /** For the search and for making it smaller. */
  readonly budget: Millis;
  readonly seed: number;
  /** The wrong scheduler that ran. */
  readonly planted?: { readonly id: string; readonly createScheduler: typeof createScheduler };
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
}

/** A property that the real run broke, and what came of it. */
export type Lifted = {
  readonly property: PropertyId;
  /** What the real run's judge said, its first line. */
  readonly real: string;
} & (
  | {
      readonly kind: "lifted";
      readonly token: string;
      readonly seed: number;
      readonly faultTimes: Likeness;
      /** What the simulated run's judge says. */
      readonly story: readonly string[];
      readonly faults: number;
      readonly actions: number;
      readonly isSettled: boolean;
    }
  | { readonly kind: "not_found"; readonly seeds: number }
  | { readonly kind: "not_simulated"; readonly reason: string }
);

export interface Lift {
  readonly scenario: string;
  readonly side: "fault" | "control";
  readonly seeds: number;
  readonly seconds: number;
  /** Empty: the history breaks nothing, and there is nothing to lift. */
  readonly properties: readonly Lifted[];
}

/** The rest of the budget is for making it smaller. */
const searchShare = 0.5;

interface Found {
  readonly seed: number;
  readonly faultTimes: Likeness;
  readonly plan: Plan;
}

/** @throws UsageError, BrokenRunError for a file that is no such history */
export async function lift(options: LiftOptions): Promise<Lift> {
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
  const properties: Lifted[] = [];
  let left = found.size;
  for (const [property, real] of broken) {
    const reason = notJudgedHere[property];
    const at = found.get(property);
    if (reason !== undefined) properties.push({ kind: "not_simulated", property, real, reason });
    else if (at === undefined) properties.push({ kind: "not_found", property, real, seeds });
    else {
      const share = (startedAt + budget - now()) / left;
      left -= 1;
      properties.push({ property, real, ...(await smaller(property, at, options, isOver(now() + share))) });
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

/** As it ran: what the seed drew of it is drawn again. */
function scenarioOf({ redis, scenario: name, seed }: StoredTrial, file: string): Scenario {
  const scenario = findScenario(name);
  if (scenario !== undefined && simulatedNames().includes(name))
    return drawnOnServers(scenario, redis, seed)?.scenario ?? scenario;
  const found = scenario === undefined ? "there is none of that name here" : "one of its faults cannot be simulated";
  throw new UsageError(`a history of scenario ${JSON.stringify(name)}: ${found}`, {
    where: file,
    fix: `lift one of ${simulatedNames().join(", ")}, in the checkout whose inject wrote it`,
  });
}

/** By today's judges, with the first line of each one's first story. @throws UsageError for a history that is too large to be judged */
function brokenBy(file: string, now: () => number): ReadonlyMap<PropertyId, string> {
  const { judgements, reason, run } = checkTrial(file, now);
  if (run === undefined)
    throw new UsageError(reason ?? "a history that is not judged", { where: file, fix: "lift a shorter run" });
  const violated = judgements.filter(({ verdict }) => verdict === "violated");
  return new Map(violated.map(({ property, violations }) => [property, violations[0]?.[0] ?? ""]));
}

interface Sought {
  readonly scenario: Scenario;
  readonly recorded: Parameters<typeof planLike>[1];
  readonly side: Lift["side"];
  readonly sought: readonly PropertyId[];
}

/** Until each property has been broken once, or it is over. */
async function search(
  { onProgress = () => {}, planted, seed: first }: LiftOptions,
  { recorded, scenario, side, sought }: Sought,
  isOver: () => boolean,
): Promise<{ readonly found: ReadonlyMap<PropertyId, Found>; readonly seeds: number }> {
  const found = new Map<PropertyId, Found>();
  let seeds = 0;
  while (found.size < sought.length && !isOver()) {
    const seed = first + seeds;
    seeds += 1;
    const faultTimes = likenessOf(seed, side);
    const plan = planLike(scenario, recorded, seed, faultTimes);
    const properties = sought.filter((property) => !found.has(property));
    const { broken, judgements } = await runPlan({ plan, properties, ...schedulerOf(planted) });
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

async function smaller(
  property: PropertyId,
  { faultTimes, plan, seed }: Found,
  { onProgress = () => {}, planted }: LiftOptions,
  isOver: () => boolean,
) {
  const scheduler = schedulerOf(planted);
  onProgress(`${property}: making it smaller`);
  const shrunk = await shrinkPlan({ plan, property, isOver, onProgress, ...scheduler });
  if (shrunk === null) throw lost(property, seed);
  const token = planTokenOf({ plan: shrunk.plan, property, ...(planted === undefined ? {} : { mutant: planted.id }) });
  // What is handed out is what was read from the token again.
  const again = await runPlan({
    plan: readPlan(decodeToken(token).plan, "token: plan").plan,
    properties: [property],
    ...scheduler,
  });
  const [said] = again.judgements;
  if (again.hash !== shrunk.hash || said?.verdict !== "violated") throw lost(property, seed);
  return {
    kind: "lifted",
    ...{ token, seed, faultTimes, story: said.violations[0] ?? [] },
    ...{ faults: shrunk.plan.faults.length, actions: shrunk.plan.actions.length, isSettled: shrunk.isSettled },
  } as const;
}

function schedulerOf(planted: LiftOptions["planted"]) {
  return planted === undefined ? {} : { createScheduler: planted.createScheduler };
}

function lost(property: PropertyId, seed: number): BrokenRunError {
  return new BrokenRunError(`seed ${seed} broke ${property} once, and not when it was run again`, {
    where: "src/lift",
    fix: "report it: a run must be a function of its plan",
  });
}
