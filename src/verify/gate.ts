/**
 * All layers in one run: first the canary, then what was asked for, round by round, within a budget.
 *
 * A canary that survives ends the run: a gate that cannot fail proves nothing.
 * The first round is what a run owes; what of it found no time is `unknown`. Later rounds are a bonus, on further seeds.
 *
 * Steps run in turn, but for those with threads of their own: they begin in their turn, and the others go on beside them, up to those that measure time.
 */

import type { Cause } from "../check/cause.ts";
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { visible } from "../evidence/escape.ts";
import type { LayerEvidence, LayerName } from "../evidence/evidence.ts";
import { BrokenRunError, messageOf, UsageError } from "../evidence/failure.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { countText, replayCommand } from "../evidence/words.ts";

export interface GateStep {
  readonly layer: LayerName;
  /** What progress and reasons call it: `conform`, `inject redis-gone`. */
  readonly name: string;
  /** It does not depend on the seed: only the first round runs it. */
  readonly once?: true;
  /** It has threads of its own: what comes next does not wait for it, but one like it does. */
  readonly isBeside?: true;
  /** It measures time: nothing may run beside it. */
  readonly isAlone?: true;
  run(seed: number, signal: AbortSignal): Promise<LayerEvidence>;
}

interface Canary {
  /** The planted bug. */
  readonly mutant: string;
  readonly origin: string;
  readonly property: PropertyId;
  /** The layer that must catch it. */
  readonly layer: LayerName;
  run(seed: number, signal: AbortSignal): Promise<LayerEvidence>;
}

export interface GatePlan {
  readonly canary: Canary;
  readonly steps: readonly GateStep[];
  readonly seed: number;
  /** At least 1; `Infinity` for as long as the budget lasts. */
  readonly rounds: number;
  /** This shard takes every `of`-th seed from its own on. `index` is 1 to `of`. */
  readonly shard: { readonly index: number; readonly of: number };
}

export interface GateWorld {
  /** Monotone milliseconds, for the durations of steps that could not tell their own. */
  now(): number;
  /** Aborted by Ctrl-C and its like. */
  readonly interrupted: AbortSignal;
  /** Aborted some time after `interrupted`: a step that has not ended by then is left, so that there is time for the report. */
  readonly abandoned?: AbortSignal;
  /** Aborted when the budget is spent. */
  readonly outOfTime: AbortSignal;
  /** What is being done. */
  progress(text: string): void;
  /** What whoever waits for a long run should not learn at its end only, or never where it is killed. */
  note(text: string): void;
  /** Each verdict as soon as it is known. */
  judged?(verdict: Verdict): void;
  /** A step that threw, before it is made a broken layer. */
  onFault(error: unknown): void;
  /** After each round, also one that was cut off: how many there were. */
  onRound?(rounds: number): void;
}

/** 2^32: seeds go round. */
const seeds = 0x1_0000_0000;

/**
 * @returns what every step said, in order; not yet merged
 * @throws whatever the canary throws, since nothing can be said then; UsageError from any step
 */
export async function runGate(plan: GatePlan, world: GateWorld): Promise<readonly LayerEvidence[]> {
  const canary = await runCanary(plan, world);
  if (canary.verdict === "broken") return [canary];
  const evidence = [canary];
  // Of a run that ends by a throw: nothing goes on beside what is no longer there.
  const over = new AbortController();
  const signal = AbortSignal.any([world.interrupted, world.outOfTime, over.signal]);
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      if (round > 0 && signal.aborted) break;
      evidence.push(...(await runRound(plan, round, signal, world)));
      world.onRound?.(round + 1);
    }
  } finally {
    over.abort();
  }
  return evidence;
}

/** @returns what each step said, in the order of the steps, whenever it ended */
async function runRound(
  plan: GatePlan,
  round: number,
  signal: AbortSignal,
  world: GateWorld,
): Promise<readonly LayerEvidence[]> {
  const seed = seedOf(plan, round);
  const steps = plan.steps.filter(({ once }) => round === 0 || once !== true);
  const said = new Map<GateStep, LayerEvidence>();
  const run = async (step: GateStep): Promise<void> => {
    const its = await runStep(step, seed, signal, world);
    const isCut = signal.aborted && !world.interrupted.aborted;
    if (round > 0 && isCut && its.verdict !== "violated") return; // the budget cut it off: a bonus not earned
    world.judged?.(its.verdict);
    for (const line of earlyWord(step.name, its, seed)) world.note(line);
    said.set(step, round === 0 ? its : withPicturesOf(its, seed));
  };
  let beside = Promise.resolve();
  for (const step of steps) {
    if (step.isAlone) await beside;
    if (!step.isBeside) await run(step);
    else {
      beside = beside.then(() => run(step));
      // Whoever waits for it next is told.
      beside.catch(() => {});
    }
  }
  await beside;
  return steps.flatMap((step) => said.get(step) ?? []);
}

/** One line a property that is violated, or one for a layer that is broken; of all else the report is early enough. */
function earlyWord(
  step: string,
  { cause, reason, verdict, violations }: LayerEvidence,
  seed: number,
): readonly string[] {
  if (verdict === "broken" && cause === "interrupted") return []; // whoever ended it knows
  if (verdict === "broken") return [`broken: ${reason ?? `${step}, seed ${seed}`}`];
  const firsts = new Map(violations.toReversed().map((violation) => [violation.property, violation]));
  return [...firsts.values()].map(({ property, scenario, story, token }) => {
    const [found = ""] = story;
    return `violated: ${step}, seed ${seed}: ${property} in ${scenario}: ${visible(found)}; ${replayCommand(token)}`;
  });
}

/** The first round's pictures stand for all rounds but those that were violated, which are shown by themselves. */
function withPicturesOf(said: LayerEvidence, seed: number): LayerEvidence {
  if (said.verdict !== "violated") return { ...said, series: [], faults: [] };
  const relabel = <Part extends { readonly scenario: string }>(part: Part): Part => ({
    ...part,
    scenario: `${part.scenario}, seed ${seed}`,
  });
  return { ...said, series: said.series.map(relabel), faults: said.faults.map(relabel) };
}

/** Shards take seeds in turn, so no two of them run the same one. */
export function seedOf(plan: Pick<GatePlan, "seed" | "shard">, round: number): number {
  return (plan.seed + plan.shard.index - 1 + round * plan.shard.of) % seeds;
}

async function runCanary(plan: GatePlan, world: GateWorld): Promise<LayerEvidence> {
  const { canary } = plan;
  world.progress(`canary ${canary.mutant}`);
  const signal = AbortSignal.any([world.interrupted, world.outOfTime]);
  const said = await canary.run(seedOf(plan, 0), signal);
  if (world.interrupted.aborted) throw interruption(`the canary ${canary.mutant}`);
  const caught = said.verdict === "violated";
  const token = said.violations[0]?.token ?? null;
  return {
    ...silent("canary", caught ? "held" : "broken"),
    runs: said.runs,
    duration_ms: said.duration_ms,
    mutants: [
      {
        id: canary.mutant,
        origin: canary.origin,
        layer: canary.layer,
        verdict: caught ? "killed" : "survived",
        property: said.violations[0]?.property ?? canary.property,
        runs_to_kill: caught ? said.runs : null,
        token,
      },
    ],
    ...withoutUndefined({ reason: caught ? undefined : survival(canary, said.runs, world) }),
  };
}

function survival({ mutant }: Canary, runs: number, world: GateWorld): string {
  const late = world.outOfTime.aborted ? "; the budget was spent" : "";
  return `the planted bug ${mutant} was not caught in ${countText(runs, "run")}${late}: nothing else was run`;
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
    const said = await endedOr(step.run(seed, signal), world.abandoned);
    return world.interrupted.aborted ? cutShort(said, step.name) : said;
  } catch (error) {
    const duration = world.now() - start;
    if (error instanceof UsageError) throw error;
    if (world.interrupted.aborted) return ended("broken", "interrupted", "interrupted", duration);
    if (signal.aborted) return ended("unknown", "budget", "the budget was spent before it ended", duration);
    world.onFault(error);
    return ended("broken", "broken", messageOf(error), duration);
  }
}

/** @throws the reason of `abandoned`, where that comes first */
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

/** A step that returned what had run until a signal ended it: that is no pass, and what it found stands. */
function cutShort(said: LayerEvidence, step: string): LayerEvidence {
  const reason = [...(said.reason === undefined ? [] : [said.reason]), `${step}: interrupted`].join("; ");
  return { ...said, verdict: joinVerdicts([said.verdict, "broken"]), reason, cause: "interrupted" };
}

function interruption(where: string): BrokenRunError {
  return new BrokenRunError("interrupted before anything was checked", { where, fix: "run it again" });
}

/** A layer that has only a verdict. */
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
