/**
 * Runs all layers: first the canaries, then the chosen steps, round by round, within a budget.
 *
 * A canary that survives ends the run, because a gate that cannot fail proves nothing.
 * The first round is required: a step of it that the budget cuts off is `unknown`. Later rounds, on further seeds, are optional.
 *
 * Steps are begun in order, in two lanes: those with threads of their own run beside the others, and a step that can run in either is taken by the lane
 * that is free first. Steps that measure time run alone.
 */

import type { Cause } from "../check/cause.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { visible } from "../evidence/escape.ts";
import type { LayerEvidence, LayerName, StepEvidence } from "../evidence/evidence.ts";
import { BrokenRunError, messageOf, UsageError } from "../evidence/failure.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { replayCommand } from "../evidence/words.ts";
import type { Mutant } from "./layers.ts";
import type { MutantOutcome } from "./mutant-run.ts";

export interface GateStep {
  readonly layer: LayerName;
  /** Its name in progress and reasons: `conform`, `inject redis-gone`. */
  readonly name: string;
  /** It does not depend on the seed: only the first round runs it. */
  readonly once?: true;
  /** It has threads of its own: following steps do not wait for it, unless they have too. */
  readonly isBeside?: true;
  /** It measures time: no other step may run meanwhile. */
  readonly isAlone?: true;
  run(seed: number, signal: AbortSignal): Promise<LayerEvidence>;
  /** Runs the same in a thread, beside steps that run here. Absent: it cannot. */
  runBeside?(seed: number, signal: AbortSignal): Promise<LayerEvidence>;
}

export interface Canary {
  /** With the layer that has to kill it. */
  readonly mutant: Pick<Mutant, "id" | "layer">;
  run(seed: number, signal: AbortSignal): Promise<Pick<MutantOutcome, "evidence" | "reason">>;
}

export interface GatePlan {
  /** At least one. */
  readonly canaries: readonly Canary[];
  readonly steps: readonly GateStep[];
  readonly seed: number;
  /** At least 1; `Infinity`: as long as the budget lasts. */
  readonly rounds: number;
  /** This shard takes every `of`-th seed, beginning with its `index`, 1 to `of`. */
  readonly shard: { readonly index: number; readonly of: number };
}

export interface GateWorld {
  /** Monotone milliseconds, for the durations of steps that failed. */
  now(): number;
  /** Aborted by a signal such as Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Aborted some time after `interrupted`: a step that still runs is abandoned, so that there is time for the report. */
  readonly abandoned?: AbortSignal;
  /** Aborted when the budget is spent. */
  readonly outOfTime: AbortSignal;
  /** Shows the current step. */
  progress(text: string): void;
  /** Prints a result during the run, so that it is known even if the run is killed. */
  note(text: string): void;
  /** Called before and after each step, unless the run was interrupted. */
  stepBegun?(step: GateStep): void;
  stepEnded?(step: GateStep, verdict: Verdict): void;
  /** Called with each verdict as soon as it is known. */
  judged?(verdict: Verdict): void;
  /** Called with the error of a step, before the layer is reported as broken. */
  onFault(error: unknown): void;
  /** Called with the number of rounds after each round, complete or not. */
  onRound?(rounds: number): void;
}

/** Seeds wrap around at 2^32. */
const seeds = 0x1_0000_0000;

/**
 * @returns the evidence of every step, in order, not merged
 * @throws the error of a canary; UsageError from any step
 */
export async function runGate(plan: GatePlan, world: GateWorld): Promise<readonly LayerEvidence[]> {
  const evidence: LayerEvidence[] = [];
  const begunAt = world.now();
  for (const canary of plan.canaries) {
    const ended = await runCanary(canary, seedOf(plan, 0), world);
    evidence.push(ended);
    // One that the system as it is makes void says nothing of the layer, and must not hide what the system breaks.
    const isVoid = ended.mutants.some(({ verdict }) => verdict === "void");
    if (ended.verdict === "broken" && !isVoid) return evidence;
  }
  const recorded = { ...plan, begunAt };
  // Aborted where a step throws: steps that run beside it end too.
  const over = new AbortController();
  const signal = AbortSignal.any([world.interrupted, world.outOfTime, over.signal]);
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      if (round > 0 && signal.aborted) break;
      evidence.push(...(await runRound(recorded, round, signal, world)));
      world.onRound?.(round + 1);
    }
  } finally {
    over.abort();
  }
  return evidence;
}

/** @returns the evidence of each step, in the order of the steps */
async function runRound(
  plan: GatePlan & { readonly begunAt: number },
  round: number,
  signal: AbortSignal,
  world: GateWorld,
): Promise<readonly LayerEvidence[]> {
  const seed = seedOf(plan, round);
  const steps = plan.steps.filter(({ once }) => round === 0 || once !== true);
  const results = new Map<GateStep, LayerEvidence>();
  const run = async (step: GateStep, way: Way = "run"): Promise<void> => {
    if (!world.interrupted.aborted) world.stepBegun?.(step);
    const from_ms = Math.round(world.now() - plan.begunAt);
    const result = await runStep({ ...step, run: step[way] ?? step.run }, seed, signal, world);
    const ran = { name: step.name, seed, from_ms, to_ms: Math.round(world.now() - plan.begunAt) };
    if (!world.interrupted.aborted) world.stepEnded?.(step, result.verdict);
    const isCut = signal.aborted && !world.interrupted.aborted;
    if (round > 0 && isCut && result.verdict !== "violated") return; // cut off by the budget in an optional round
    world.judged?.(result.verdict);
    for (const line of earlyLines(step.name, result, seed)) world.note(line);
    const recorded = round === 0 || result.verdict !== "held" ? withStep(result, ran) : result;
    results.set(step, round === 0 ? recorded : withPicturesOf(recorded, seed));
  };
  const waiting = [...steps];
  while (waiting.length > 0) {
    const alone = waiting.findIndex(({ isAlone }) => isAlone === true);
    const together = waiting.splice(0, alone < 0 ? waiting.length : alone);
    const lane = async (way: Way, isOfIt: (step: GateStep) => boolean): Promise<void> => {
      for (let step = taken(together, isOfIt); step !== undefined; step = taken(together, isOfIt)) await run(step, way);
    };
    await Promise.all([
      lane("run", ({ isBeside }) => isBeside !== true),
      lane("runBeside", ({ isBeside, runBeside }) => isBeside === true || runBeside !== undefined),
    ]);
    for (const step of waiting.splice(0, 1)) await run(step);
  }
  return steps.flatMap((step) => results.get(step) ?? []);
}

type Way = "run" | "runBeside";

/** Takes the first of the steps that fits. */
function taken(steps: GateStep[], isFit: (step: GateStep) => boolean): GateStep | undefined {
  const index = steps.findIndex(isFit);
  return index < 0 ? undefined : steps.splice(index, 1)[0];
}

function withStep(
  evidence: LayerEvidence,
  ran: Pick<StepEvidence, "name" | "seed" | "from_ms" | "to_ms">,
): LayerEvidence {
  const { properties, verdict } = evidence;
  const judged = properties.map((part) => ({ id: part.id, verdict: part.verdict, exercised: part.exercised }));
  return { ...evidence, steps: [{ ...ran, verdict, properties: judged }] };
}

/** One line for each violated property, or one for a broken layer. Everything else is only in the report. */
function earlyLines(
  step: string,
  { cause, reason, verdict, violations }: LayerEvidence,
  seed: number,
): readonly string[] {
  if (verdict === "broken" && cause === "interrupted") return [];
  if (verdict === "broken") return [`broken: ${reason ?? `${step}, seed ${seed}`}`];
  const firsts = new Map(violations.toReversed().map((violation) => [violation.property, violation]));
  return [...firsts.values()].map(({ property, scenario, story: [found = ""], token }) => {
    return `violated: ${step}, seed ${seed}: ${property} in ${scenario}: ${visible(found)}; ${replayCommand(token)}`;
  });
}

/** Later rounds keep their pictures only where they were violated; otherwise those of the first round stand for them. */
function withPicturesOf(evidence: LayerEvidence, seed: number): LayerEvidence {
  if (evidence.verdict !== "violated") return { ...evidence, series: [], faults: [] };
  const relabel = <Part extends { readonly scenario: string }>(part: Part): Part => ({
    ...part,
    scenario: `${part.scenario}, seed ${seed}`,
  });
  return { ...evidence, series: evidence.series.map(relabel), faults: evidence.faults.map(relabel) };
}

/** Seeds of the shards are interleaved, so that no two shards run the same seed. */
export function seedOf(plan: Pick<GatePlan, "seed" | "shard">, round: number): number {
  return (plan.seed + plan.shard.index - 1 + round * plan.shard.of) % seeds;
}

async function runCanary({ mutant, run }: Canary, seed: number, world: GateWorld): Promise<LayerEvidence> {
  const { id, layer } = mutant;
  world.progress(`canary ${id} of ${layer}`);
  const start = world.now();
  const { evidence, reason } = await run(seed, AbortSignal.any([world.interrupted, world.outOfTime]));
  if (world.interrupted.aborted) throw interruption(`the canary ${id} of ${layer}`);
  const isKilled = evidence.verdict === "killed";
  const late = world.outOfTime.aborted ? "the budget was spent" : reason;
  const rest = evidence.verdict === "void" ? "it proves nothing of the layer" : "nothing else was run";
  const why = `the mutant ${id} was not killed by ${layer}${late === null ? "" : ` (${late})`}: ${rest}`;
  return {
    ...silent("canary", isKilled ? "held" : "broken"),
    runs: evidence.runs_to_kill ?? 0,
    duration_ms: world.now() - start,
    mutants: [evidence],
    ...withoutUndefined({ reason: isKilled ? undefined : why }),
  };
}

async function runStep(step: GateStep, seed: number, signal: AbortSignal, world: GateWorld): Promise<LayerEvidence> {
  const ended = (verdict: "broken" | "unknown", cause: Cause, why: string, duration_ms = 0): LayerEvidence => ({
    ...silent(step.layer, verdict),
    duration_ms,
    reason: `${step.name}: ${why}`,
    cause,
  });
  if (world.interrupted.aborted) return ended("broken", "interrupted", "interrupted");
  if (signal.aborted) return ended("unknown", "budget", "the budget was spent before it began");
  world.progress(`${step.name}, seed ${seed}`);
  const start = world.now();
  try {
    const evidence = await endedOr(step.run(seed, signal), world.abandoned);
    return world.interrupted.aborted ? cutShort(evidence, step.name) : evidence;
  } catch (error) {
    const duration = world.now() - start;
    if (error instanceof UsageError) throw error;
    if (world.interrupted.aborted) return ended("broken", "interrupted", "interrupted", duration);
    if (signal.aborted) return ended("unknown", "budget", "the budget was spent before it ended", duration);
    world.onFault(error);
    return ended("broken", "broken", messageOf(error), duration);
  }
}

/** @throws the reason of `abandoned` where it is aborted first */
async function endedOr(running: Promise<LayerEvidence>, abandoned: AbortSignal | undefined): Promise<LayerEvidence> {
  if (abandoned === undefined) return await running;
  const left = Promise.withResolvers<never>();
  const onLeft = () => left.reject(abandoned.reason);
  abandoned.addEventListener("abort", onLeft, { once: true });
  if (abandoned.aborted) onLeft();
  try {
    return await Promise.race([running, left.promise]);
  } finally {
    abandoned.removeEventListener("abort", onLeft);
  }
}

/** The evidence of a step that a signal ended: it is no pass, and its violations stand. */
function cutShort(evidence: LayerEvidence, step: string): LayerEvidence {
  const reason = [...(evidence.reason === undefined ? [] : [evidence.reason]), `${step}: interrupted`].join("; ");
  return { ...evidence, verdict: joinVerdicts([evidence.verdict, "broken"]), reason, cause: "interrupted" };
}

function interruption(where: string): BrokenRunError {
  return new BrokenRunError("interrupted before anything was checked", { where, fix: "run it again" });
}

/** Evidence that consists of a verdict alone. */
function silent(name: LayerName, verdict: LayerEvidence["verdict"]): LayerEvidence {
  return {
    name,
    verdict,
    runs: 0,
    duration_ms: 0,
    properties: [],
    violations: [],
    mutants: [],
    series: [],
    faults: [],
  };
}
