/** A run again, from its token: the same trace, and what happened in it told for people. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import type { PropertyId } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { ReplayToken } from "../../evidence/token.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import { runBatch, type SeedLine, type SimulateOptions, simulatedNames } from "../batch/batch.ts";
import type { SimulateEvidence } from "../batch/evidence.ts";
import type { Doom } from "../explain/point-of-no-return.ts";
import { doomLines, doomOf } from "../explain/point-of-no-return-report.ts";
import { type Plan, planOf } from "../plan/plan.ts";
import { readPlan } from "../plan/plan-file.ts";
import { Chronicle } from "../trace/chronicle.ts";
import { isChargedToken, planTokenOf, refuseEdited } from "./token.ts";

export interface SimulateReplayOptions {
  readonly token: ReplayToken;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** The planted bug that the token names; or the right one, where what it computes is counted. */
  readonly planted?: { readonly id: string | null; readonly createScheduler: typeof createScheduler };
  /** It is also to be worked out since when the run was doomed, for as long as this at most. */
  readonly doom?: { readonly takes: Millis };
  readonly onProgress?: (text: string) => void;
}

export interface SimulateReplay {
  readonly evidence: SimulateEvidence;
  readonly line: SeedLine;
  readonly chronicle: readonly string[];
  /** Line for line; its hash is the token's run's. */
  readonly trace: readonly string[];
  /** Of the first violation; null where it was not asked for, or nothing is violated. */
  readonly doom: { readonly property: PropertyId; readonly doom: Doom; readonly lines: readonly string[] } | null;
}

/** @throws UsageError for a scenario that is not there any more, or says something else by now, and for a plan that is none */
export async function replaySimulate({ token, ...options }: SimulateReplayOptions): Promise<SimulateReplay> {
  const { scenario, ...what } = token.plan === undefined ? ofSeed(token) : ofPlan(token);
  const chronicle = new Chronicle();
  let line: SeedLine | null = null;
  let trace: readonly string[] = [];
  const evidence = await runBatch(scenario, {
    ...options,
    ...what,
    ...(isChargedToken(token) ? { isCharged: true } : {}),
    seeds: { from: token.seed, to: token.seed },
    onSeed(told, lines) {
      line = told;
      trace = lines;
    },
    listeners: [chronicle],
  });
  if (line === null)
    throw new UsageError("the run was ended before it began", { where: "replay", fix: "replay it again" });
  // What computing takes is no part of a run that is drawn anew.
  if (isChargedToken(token)) return { evidence, line, chronicle: chronicle.lines, trace, doom: null };
  const doom = await doomIn(evidence, what.given?.plan ?? planOf(scenario, token.seed), scenario, options);
  return { evidence, line, chronicle: chronicle.lines, trace, doom };
}

async function doomIn(
  { violations }: SimulateEvidence,
  plan: Plan,
  declared: Scenario,
  { doom, now, onProgress, planted, signal }: Omit<SimulateReplayOptions, "token">,
): Promise<SimulateReplay["doom"]> {
  const [first] = violations;
  if (doom === undefined || first === undefined) return null;
  const until = now() + doom.takes;
  const { property } = first;
  const found = await doomOf({
    ...{ plan, declared, property, isOver: () => signal.aborted || now() >= until },
    onProgress,
    createScheduler: planted?.createScheduler,
  });
  return { property, doom: found, lines: doomLines(found, property) };
}

type Replayed = Pick<SimulateOptions, "given"> & { readonly scenario: Scenario };

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
  return { scenario };
}

/** It stands by itself, whatever has become of the scenario. */
function ofPlan({ mutant, plan: written }: ReplayToken): Replayed {
  const { plan, property } = readPlan(written, "token: plan");
  const token = planTokenOf({ plan, property, mutant });
  return { scenario: plan.scenario, given: { plan, property, token } };
}
