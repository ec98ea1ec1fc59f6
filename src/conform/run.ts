/** A batch of runs, or one plan again: evidence for the report. */
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { LayerEvidence, Violation } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { openLab } from "../lab/lab.ts";
import { mutated } from "../mutants/scripts.ts";
import { loadScripts, ScriptError, type ScriptSet } from "../redis/scripts/scripts.ts";
import { type Batch, type Failed, runBatch } from "./batch.ts";
import { brokenProperty } from "./broken-property.ts";
import { execute } from "./execute.ts";
import { explain } from "./explain/explanation.ts";
import { drawPlan } from "./explain/picture.ts";
import { judge } from "./judge.ts";
import { LostStoreError } from "./lost-store.ts";
import type { PlanStyle } from "./plan/generate.ts";
import { type Plan, planSchema } from "./plan/plan.ts";
import { shrink } from "./plan/shrink.ts";
import { neverMet, type TrafficCounts } from "./plan/traffic.ts";
import { keyViolations, notWatched, type Watched, watchKeys } from "./store/key-evidence.ts";
import { openSubject, type Subject } from "./subject.ts";
import type { Occasions } from "./tally.ts";
import { nameOf, tokenOf } from "./token.ts";

export interface ConformOptions {
  /** How many plans, 1 and more. */
  readonly runs: number;
  /** 0 to 4,294,967,295. */
  readonly seed: number;
  /** A folder of scripts instead of our own. */
  readonly luaDir?: string;
  /** The mutant to run with, by its id. */
  readonly mutant?: string;
  readonly redisServer?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** The plan of a token: only it runs, and nothing is shrunk. */
  readonly plan?: unknown;
  /** Monotone milliseconds, for the figures. */
  readonly now: () => number;
  /** Calls of several clients in flight at once, instead of one call after another. */
  readonly concurrent?: boolean;
  /** Milliseconds after which a store that does not answer is given up; absent: 10 s. */
  readonly timeout?: number;
}

export interface ConformJson {
  readonly script_set: string;
  readonly style: PlanStyle;
  readonly runs: number;
  readonly commands: number;
  readonly lost_requests: number;
  readonly lost_replies: number;
  readonly verdict: Verdict;
  readonly token: string;
  readonly seed: number;
  readonly trace_hash: string;
  readonly epochs: number;
  readonly seconds: number;
  readonly commands_per_second: number;
  readonly redis_version: string;
  /** Rare situations of calls. */
  readonly occasions: Readonly<Occasions>;
  /** Situations that calls in flight met; absent where one call is made after another. */
  readonly traffic?: Readonly<TrafficCounts> | undefined;
}

export interface ConformEvidence extends LayerEvidence {
  readonly json: ConformJson;
}

/** @throws UsageError for a plan that is none and a folder without scripts, ScriptError, LabError */
export async function runConform(options: ConformOptions): Promise<ConformEvidence> {
  const scripts = scriptsOf(options);
  const plan = options.plan === undefined ? null : parsePlan(options.plan);
  const { signal } = options;
  const start = options.now();
  await using lab = await openLab({
    signal,
    onProvide: (way) => options.onProgress?.(`no redis-server found: ${way}`),
    ...withoutUndefined({ redisServer: options.redisServer }),
  });
  await using subject = await openSubject(lab, scripts, options.timeout);
  const begun = options.now();
  const batch = await runBatch(subject, scripts, {
    ...options,
    plan,
    style: styleOf(options),
    goesOn: options.mutant === undefined,
    onProgress: options.onProgress,
  });
  const seconds = (options.now() - begun) / 1000;
  const shrunk = await shrinkAll(subject, scripts, batch, options);
  const isReplay = plan !== null;
  const watching = { signal, isReplay, tokenOf: (each: Plan) => tokenOf(options, scripts, each) };
  const isWatched = shrunk.length === 0 && !batch.isCut;
  const watched = isWatched ? await watchKeys(subject, scripts, batch.watchable, watching) : notWatched;
  const properties = judge({ batch, failed: shrunk, watched, isReplay });
  const token = tokenOf(options, scripts, shrunk[0]?.plan ?? watched.plan);
  const violations = [...(await violationsOf(shrunk, subject, scripts, options)), ...keyViolations(watched, token)];
  const tokens = new Map(violations.map((violation) => [violation.property, violation.token]));
  const unmet = unmetBy(options, batch);
  const verdict = joinVerdicts([
    ...properties.map((each) => each.verdict),
    ...unmet.slice(0, 1).map(() => "not_exercised" as const),
    ...(isWhole(batch, watched) ? [] : ["unknown" as const]),
  ]);
  return {
    name: "conform",
    verdict,
    runs: batch.runs,
    duration_ms: Math.round(options.now() - start),
    properties: properties.map((each) => ({ ...each, tokens: [tokens.get(each.id) ?? token] })),
    violations,
    mutants: [],
    series: [],
    faults: [],
    ...reasonOf(batch, unmet),
    json: jsonOf(options, batch, { verdict, token, seconds, scripts: nameOf(scripts), redis: subject.redisVersion }),
  };
}

interface Summary {
  readonly verdict: Verdict;
  readonly token: string;
  readonly seconds: number;
  readonly scripts: string;
  readonly redis: string;
}

function jsonOf(
  options: ConformOptions,
  batch: Batch,
  { redis, scripts, seconds, token, verdict }: Summary,
): ConformJson {
  const { commands, runs, tally, traffic } = batch;
  return {
    script_set: scripts,
    style: styleOf(options),
    runs,
    commands,
    lost_requests: tally.lostRequests + traffic.lost_before,
    lost_replies: tally.lostReplies + traffic.lost_after,
    verdict,
    token,
    seed: options.seed,
    trace_hash: tally.traceHash(),
    epochs: tally.epochs,
    seconds: Number(seconds.toFixed(3)),
    commands_per_second: seconds > 0 ? Math.round(commands / seconds) : 0,
    redis_version: redis,
    occasions: tally.occasions,
    traffic: options.concurrent === true ? traffic : undefined,
  };
}

/** Situations that no call met: a batch with such a gap has not exercised its purpose. */
function unmetBy({ concurrent, plan }: ConformOptions, { planned, tally, traffic }: Batch): readonly string[] {
  if (plan !== undefined) return [];
  const unmet = [...neverMet(tally.occasions), ...(concurrent === true ? neverMet(traffic) : [])];
  return unmet.filter((occasion) => planned >= (leastRuns[occasion] ?? 0));
}

/** A hundred runs meet this one twice on average, and some not at all. */
const leastRuns: Readonly<Record<string, number>> = { failed_alone: 1_000 };

/** All runs were made, and their keys watched where that was due. */
function isWhole({ isCut }: Batch, { isCut: keysUnseen }: Watched): boolean {
  return !isCut && !keysUnseen;
}

function reasonOf({ isCut, runs, planned, failed }: Batch, unmet: readonly string[]): { reason?: string } {
  if (isCut) return { reason: `interrupted after ${runs} of ${planned} runs` };
  if (failed || unmet.length === 0) return {};
  return { reason: `never met in ${runs} runs of conform: ${unmet.join(", ")}` };
}

function styleOf({ concurrent }: ConformOptions): PlanStyle {
  return concurrent === true ? "concurrent" : "sequential";
}

/** @throws UsageError for a folder without them: the user named it */
function scriptsOf({ luaDir, mutant }: ConformOptions): ScriptSet {
  try {
    return mutant === undefined ? loadScripts(luaDir) : mutated(mutant, luaDir);
  } catch (error) {
    if (!(error instanceof ScriptError) || luaDir === undefined) throw error;
    throw new UsageError(
      error.message,
      { where: `--lua ${luaDir}`, fix: "copy lua/ whole and change the copy" },
      error,
    );
  }
}

function parsePlan(plan: unknown): Plan {
  const parsed = planSchema.safeParse(plan);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`the plan of the token is not one of conform's: ${issue?.message ?? "unreadable"}`, {
    where: `plan: ${issue?.path.join(".") ?? ""}`,
    fix: "replay it with the lockproof that printed it",
  });
}

/** Executions for shrinking the first failure, and each other one. */
const mostTries = { first: 600, other: 100 } as const;

async function shrinkAll(
  subject: Subject,
  scripts: ScriptSet,
  { failed, others }: Batch,
  options: ConformOptions,
): Promise<readonly Failed[]> {
  if (failed === null) return [];
  if (options.plan !== undefined) return [failed, ...others];
  const all: Failed[] = [];
  for (const [index, one] of [failed, ...others].entries())
    all.push(
      await shrinkFailed(subject, scripts, one, { ...options, most: mostTries[index === 0 ? "first" : "other"] }),
    );
  return all;
}

async function shrinkFailed(
  subject: Subject,
  scripts: ScriptSet,
  failed: Failed,
  options: ConformOptions & { readonly most: number },
): Promise<Failed> {
  options.onProgress?.(`conform: shrinking a plan of ${failed.plan.moves.length} moves`);
  const property = brokenProperty(failed.divergence);
  const fails = async (plan: Plan): Promise<boolean> => {
    if (options.signal.aborted) return false;
    const { divergence } = await execute(subject, scripts, plan);
    return divergence !== null && brokenProperty(divergence) === property;
  };
  try {
    const plan = await shrink(failed.plan, fails, options.most);
    const { divergence } = await execute(subject, scripts, plan);
    // A smaller plan that does not fail once more must not be reported: then the plan that was seen failing is.
    return divergence ? { plan: upTo(plan, divergence.step), divergence } : failed;
  } catch (error) {
    return masked(error, failed);
  }
}

/** A store that is lost after a divergence was seen does not mask it. */
function masked<T>(error: unknown, instead: T): T {
  if (error instanceof LostStoreError) return instead;
  throw error;
}

function upTo(plan: Plan, step: number): Plan {
  return { ...plan, moves: plan.moves.slice(0, step) };
}

async function violationsOf(
  failed: readonly Failed[],
  subject: Subject,
  scripts: ScriptSet,
  options: ConformOptions,
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const one of failed)
    violations.push(await violationOf(one, tokenOf(options, scripts, one.plan), subject, scripts));
  return violations;
}

async function violationOf(
  { plan, divergence }: Failed,
  token: string,
  subject: Subject,
  scripts: ScriptSet,
): Promise<Violation> {
  const property = brokenProperty(divergence);
  const story = explain(plan, divergence);
  const title = `conform, scripts ${nameOf(scripts)}`;
  const picture = { plan, property, title, found: story[0] ?? "", token };
  const timeline = await drawPlan(subject, scripts, picture).catch((error: unknown) => masked(error, null));
  return {
    property,
    scenario: "conform",
    layer: "conform",
    token,
    story,
    files: [],
    ...withoutUndefined({ timeline: timeline ?? undefined }),
  };
}
