/** A batch of runs, or one plan again: evidence for the report. */
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { openLab } from "../lab/lab.ts";
import { loadScripts, type ScriptSet } from "../redis/scripts.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "../report/evidence.ts";
import { BrokenRunError, UsageError } from "../report/failure.ts";
import { encodeToken } from "../report/token.ts";
import { blame } from "./blame.ts";
import { Cover } from "./cover.ts";
import { type Divergence, execute, type Watcher } from "./execute.ts";
import { generatePlans, type PlanStyle } from "./generate.ts";
import { canBeWatched, judgeKeys, keyViolations, notWatched, watchKeys } from "./key-evidence.ts";
import { mutated } from "./mutate.ts";
import { drawPlan } from "./picture.ts";
import { type Plan, planSchema } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { tell } from "./story.ts";
import { openSubject, type Subject } from "./subject.ts";
import { type ConformProperty, conformProperties, createTally, type Tally } from "./tally.ts";
import { addTraffic, neverMet, noTraffic, type TrafficCounts } from "./traffic.ts";

export interface ConformOptions {
  /** How many plans, 1 and more. */
  readonly runs: number;
  /** 0 to 4,294,967,295. */
  readonly seed: number;
  /** Somebody else's scripts instead of ours. */
  readonly luaDir?: string;
  /** The planted bug to run with, by its id. */
  readonly mutant?: string;
  readonly redisServer?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** Of a token: this plan alone, and nothing shrunk. */
  readonly plan?: unknown;
  /** Monotone milliseconds, for the figures. */
  readonly now: () => number;
  /** Several clients' calls on their way at once, instead of one call after another. */
  readonly concurrent?: boolean;
  /** Stop after the run in which so many script calls have been made. */
  readonly mostCommands?: number;
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
  /** What calls on their way met; absent where one call is made after another. */
  readonly traffic?: Readonly<TrafficCounts>;
}

export interface ConformEvidence extends LayerEvidence {
  readonly json: ConformJson;
}

interface Failed {
  readonly plan: Plan;
  readonly divergence: Divergence;
}

interface Batch {
  readonly tally: Tally;
  readonly traffic: Readonly<TrafficCounts>;
  /** To be run once more with their keys watched. */
  readonly telling: readonly Plan[];
  readonly runs: number;
  readonly commands: number;
  readonly failed: Failed | null;
  /** Cut off by the signal before all runs were made. */
  readonly isCut: boolean;
}

/** @throws UsageError for a plan that is none, ScriptError, LabError */
export async function runConform(options: ConformOptions): Promise<ConformEvidence> {
  const scripts = scriptsOf(options);
  const plans =
    options.plan === undefined
      ? generatePlans(options.seed, options.runs, styleOf(options))
      : [parsePlan(options.plan)];
  const start = options.now();
  await using lab = await openLab(options.redisServer === undefined ? {} : { redisServer: options.redisServer });
  await using subject = await openSubject(lab, scripts);
  const begun = options.now();
  const batch = await runPlans(subject, scripts, plans, options);
  const seconds = (options.now() - begun) / 1000;
  const shrunk = batch.failed && (await shrinkFailed(subject, scripts, batch.failed, options));
  const watched = shrunk
    ? notWatched
    : await watchKeys(subject, scripts, batch.telling, {
        signal: options.signal,
        isReplay: options.plan !== undefined,
      });
  const properties = [...judge(batch, shrunk, options.plan !== undefined), ...judgeKeys(watched)];
  const token = tokenOf(options, scripts, shrunk?.plan ?? watched.plan);
  const unmet = unmetTraffic(options, batch);
  const verdict =
    batch.isCut && !shrunk && !watched.plan
      ? "unknown"
      : joinVerdicts([
          ...properties.map((each) => each.verdict),
          ...unmet.slice(0, 1).map(() => "not_exercised" as const),
        ]);
  return {
    name: "conform",
    verdict,
    runs: batch.runs,
    duration_ms: Math.round(options.now() - start),
    properties: properties.map((each) => ({ ...each, tokens: [token] })),
    violations: [
      ...(shrunk ? [await violationOf(shrunk, token, subject, scripts)] : []),
      ...keyViolations(watched, token),
    ],
    mutants: [],
    series: [],
    faults: [],
    ...reasonOf(batch, plans.length, unmet),
    json: {
      script_set: nameOf(scripts),
      style: styleOf(options),
      runs: batch.runs,
      commands: batch.commands,
      lost_requests: batch.tally.lostRequests + batch.traffic.lost_before,
      lost_replies: batch.tally.lostReplies + batch.traffic.lost_after,
      verdict,
      token,
      seed: options.seed,
      trace_hash: batch.tally.traceHash(),
      epochs: batch.tally.epochs,
      seconds: Number(seconds.toFixed(3)),
      commands_per_second: Math.round(batch.commands / seconds),
      redis_version: subject.redisVersion,
      ...(options.concurrent === true ? { traffic: batch.traffic } : {}),
    },
  };
}

/** What calls on their way should have met in a batch and never did: then the batch has not shown what it is for. */
function unmetTraffic({ concurrent, plan }: ConformOptions, { traffic }: Batch): readonly string[] {
  return concurrent === true && plan === undefined ? neverMet(traffic) : [];
}

function reasonOf({ isCut, runs, failed }: Batch, planned: number, unmet: readonly string[]): { reason?: string } {
  if (isCut) return { reason: `interrupted after ${runs} of ${planned} runs` };
  if (failed || unmet.length === 0) return {};
  return { reason: `never met in ${runs} runs of several clients: ${unmet.join(", ")}` };
}

function styleOf({ concurrent }: ConformOptions): PlanStyle {
  return concurrent === true ? "concurrent" : "sequential";
}

function scriptsOf({ luaDir, mutant }: ConformOptions): ScriptSet {
  return mutant === undefined ? loadScripts(luaDir) : mutated(mutant, luaDir);
}

function nameOf({ name, fingerprint }: ScriptSet): string {
  return `${name}@${fingerprint}`;
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

async function runPlans(
  subject: Subject,
  scripts: ScriptSet,
  plans: readonly Plan[],
  options: ConformOptions,
): Promise<Batch> {
  const tally = createTally();
  const traffic = noTraffic();
  let commands = 0;
  const cover = new Cover();
  const until = (runs: number, failed: Failed | null, isCut = false): Batch => {
    return { tally, traffic, telling: cover.plans, runs, commands, failed, isCut };
  };
  for (const [index, plan] of plans.entries()) {
    if (options.signal.aborted) return until(index, null, true);
    const watcher: Watcher = {
      stepped(record, content) {
        tally.stepped(record, content);
        if (canBeWatched(plan)) cover.stepped(plan, record);
      },
    };
    const { divergence, commands: made, traffic: met } = await execute(subject, scripts, plan, watcher);
    commands += made;
    addTraffic(traffic, met);
    const runs = index + 1;
    if (divergence) return until(runs, { plan, divergence });
    if (index === 0) await proveRepeatable(subject, scripts, plan, tally.traceHash());
    if (runs % 20 === 0) options.onProgress?.(`conform: run ${runs} of ${plans.length}, ${commands} commands`);
    if (commands >= (options.mostCommands ?? Number.POSITIVE_INFINITY)) break;
  }
  return until(plans.length, null);
}

/** The first run of a batch is made twice: a run that is not a function of its seed could not be replayed. */
async function proveRepeatable(subject: Subject, scripts: ScriptSet, plan: Plan, hash: string): Promise<void> {
  const again = createTally();
  await execute(subject, scripts, plan, again);
  if (again.traceHash() === hash) return;
  throw new BrokenRunError(`conform: the first run gave trace ${hash}, and when made again ${again.traceHash()}`, {
    where: "src/conform",
    fix: "report it: a run must be a function of its token",
  });
}

async function shrinkFailed(
  subject: Subject,
  scripts: ScriptSet,
  failed: Failed,
  options: ConformOptions,
): Promise<Failed> {
  if (options.plan !== undefined) return failed;
  options.onProgress?.(`conform: shrinking a plan of ${failed.plan.moves.length} moves`);
  const property = blame(failed.divergence);
  const fails = async (plan: Plan): Promise<boolean> => {
    if (options.signal.aborted) return false;
    const { divergence } = await execute(subject, scripts, plan);
    return divergence !== null && blame(divergence) === property;
  };
  const plan = await shrink(failed.plan, fails);
  const { divergence } = await execute(subject, scripts, plan);
  // A smaller plan that does not fail when made once more would be a lie: then the one that was seen failing is told.
  return divergence ? { plan: upTo(plan, divergence.step), divergence } : failed;
}

function upTo(plan: Plan, step: number): Plan {
  return { ...plan, moves: plan.moves.slice(0, step) };
}

/** A plan that is replayed says only what it exercised; a batch answers for all that is conform's. */
function judge(batch: Batch, failed: Failed | null, isReplay: boolean): readonly PropertyEvidence[] {
  const broken = failed && blame(failed.divergence);
  const ids = new Set<PropertyEvidence["id"]>(conformProperties);
  if (broken) ids.add(broken);
  const all = [...ids].map((id): PropertyEvidence => {
    const met = batch.tally.met.get(id as ConformProperty) ?? 0;
    const exercised = id === broken ? Math.max(met, 1) : met;
    const verdict = id === broken ? "violated" : exercised > 0 ? "held" : "not_exercised";
    const reason = verdict === "not_exercised" ? { reason: `not met in ${batch.runs} runs of conform` } : {};
    return { id, verdict, exercised, figures: [], tokens: [], ...reason };
  });
  return isReplay ? all.filter(({ verdict }) => verdict !== "not_exercised") : all;
}

function tokenOf({ seed, runs, mutant, concurrent }: ConformOptions, scripts: ScriptSet, plan: Plan | null): string {
  return encodeToken({
    subject: "conform",
    seed,
    layer: "conform",
    script_set: nameOf(scripts),
    ...(plan ? { plan } : { runs, ...(concurrent === true ? { options: { concurrent } } : {}) }),
    ...(mutant === undefined ? {} : { mutant }),
  });
}

async function violationOf(
  { plan, divergence }: Failed,
  token: string,
  subject: Subject,
  scripts: ScriptSet,
): Promise<Violation> {
  const property = blame(divergence);
  const story = tell(plan, divergence);
  const title = `conform, scripts ${nameOf(scripts)}`;
  const timeline = await drawPlan(subject, scripts, { plan, property, title, found: story[0] ?? "", token });
  return {
    property,
    scenario: "conform",
    layer: "conform",
    token,
    story,
    files: [],
    ...(timeline === null ? {} : { timeline }),
  };
}
