/** Replays a run from its token: the same trace, and a log of it for people. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { PropertyId } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { ReplayToken } from "../../evidence/token.ts";
import type { Millis } from "../../protocol/time.ts";
import { runBatch, simulatedNames } from "../batch/batch.ts";
import type { SimulateEvidence } from "../batch/evidence.ts";
import type { OtherScheduler, SeedLine, SimulateOptions } from "../batch/options.ts";
import type { PointOfNoReturn } from "../explain/point-of-no-return.ts";
import { pointOfNoReturnLines, pointOfNoReturnOf } from "../explain/point-of-no-return-report.ts";
import { planOfRecipe } from "../plan/branch.ts";
import type { Plan } from "../plan/plan.ts";
import { readPlan } from "../plan/plan-file.ts";
import { RunLog } from "../trace/run-log.ts";
import { isChargedToken, planTokenOf, recipeOf, refuseEdited, schedulerIn } from "./token.ts";

export interface SimulateReplayOptions {
  readonly token: ReplayToken;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** The mutant or the module that the token names; or our scheduler, instrumented to count what it computes. */
  readonly planted?: OtherScheduler;
  /** The point of no return is searched for, at most this long. */
  readonly pointOfNoReturn?: { readonly takes: Millis };
  readonly onProgress?: (text: string) => void;
}

export interface SimulateReplay {
  readonly evidence: SimulateEvidence;
  readonly line: SeedLine;
  readonly log: readonly string[];
  /** Line by line; its hash is that of the token's run. */
  readonly trace: readonly string[];
  /** The point of no return of the first violation; null where it was not asked for, or nothing is violated. */
  readonly pointOfNoReturn: {
    readonly property: PropertyId;
    readonly found: PointOfNoReturn;
    readonly lines: readonly string[];
  } | null;
}

/** @throws UsageError for a scenario that no longer exists or has been edited, and for a plan that is none */
export async function replaySimulate({ token, ...options }: SimulateReplayOptions): Promise<SimulateReplay> {
  const { scenario, ...what } = token.plan === undefined ? ofSeed(token) : ofPlan(token);
  const log = new RunLog();
  let line: SeedLine | null = null;
  let trace: readonly string[] = [];
  const evidence = await runBatch(scenario, {
    ...options,
    ...what,
    isCharged: isChargedToken(token),
    seeds: { from: token.seed, to: token.seed },
    onSeed(judged, lines) {
      line = judged;
      trace = lines;
    },
    listeners: [log],
  });
  if (line === null)
    throw new UsageError("the run was ended before it began", { where: "replay", fix: "replay it again" });
  // A redrawn run does not charge for computing.
  if (isChargedToken(token)) return { evidence, line, log: log.lines, trace, pointOfNoReturn: null };
  const pointOfNoReturn = await pointOfNoReturnIn(
    evidence,
    what.given?.plan ?? planOfRecipe(scenario, recipeOf(token)),
    scenario,
    options,
  );
  return { evidence, line, log: log.lines, trace, pointOfNoReturn };
}

async function pointOfNoReturnIn(
  { violations }: SimulateEvidence,
  plan: Plan,
  declared: Scenario,
  { pointOfNoReturn, now, onProgress, planted, signal }: Omit<SimulateReplayOptions, "token">,
): Promise<SimulateReplay["pointOfNoReturn"]> {
  const [first] = violations;
  if (pointOfNoReturn === undefined || first === undefined) return null;
  const until = now() + pointOfNoReturn.takes;
  const { property } = first;
  const found = await pointOfNoReturnOf({
    ...{ plan, declared, property, isOver: () => signal.aborted || now() >= until },
    onProgress,
    createScheduler: planted?.createScheduler,
  });
  return { property, found, lines: pointOfNoReturnLines(found, property) };
}

/** @throws UsageError as the replay of the token does */
export function planOfToken(token: ReplayToken): { readonly plan: Plan; readonly property?: PropertyId } {
  if (token.plan === undefined) return { plan: planOfRecipe(ofSeed(token).scenario, recipeOf(token)) };
  return readPlan(token.plan, "token: plan");
}

type Replayed = Pick<SimulateOptions, "branches" | "given"> & { readonly scenario: Scenario };

/** The declaration that its seed draws from. */
function ofSeed(token: ReplayToken): Replayed {
  const scenario = findScenario(token.subject);
  if (scenario === undefined) {
    throw new UsageError(`scenario ${JSON.stringify(token.subject)}: there is none of that name`, {
      where: "token: subject",
      fix: `replay it in the checkout that printed it; here there are ${simulatedNames().join(", ")}`,
    });
  }
  refuseEdited(token, scenario);
  const { branches } = recipeOf(token);
  return { scenario, ...(branches.length > 0 && { branches }) };
}

/** An explicit plan needs no scenario. */
function ofPlan(given: ReplayToken): Replayed {
  const { plan, property } = readPlan(given.plan, "token: plan");
  const token = planTokenOf({ plan, property, mutant: given.mutant, scheduler: schedulerIn(given) });
  return { scenario: plan.scenario, given: { plan, property, token } };
}
