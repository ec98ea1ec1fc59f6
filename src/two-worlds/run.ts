/**
 * One schedule in two worlds: simulated, with the model as its store; and again with real servers in the place of the simulated ones, command
 * for command in the order of the seed. Replies, keys and then the whole trace of the run have to be the same.
 */
import { findScenario } from "../../scenarios/registry.ts";
import type { Verdict } from "../check/verdict.ts";
import { mutated } from "../conform/mutate.ts";
import { openLab } from "../lab/lab.ts";
import { loadScripts, type ScriptSet } from "../redis/scripts.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "../report/evidence.ts";
import { UsageError } from "../report/failure.ts";
import { encodeToken, type ReplayToken } from "../report/token.ts";
import type { createScheduler } from "../scheduler/scheduler.ts";
import { type Plan, planOf } from "../simulate/plan.ts";
import { readPlan } from "../simulate/plan-file.ts";
import { runPlan } from "../simulate/run.ts";
import { fingerprintOf, refuseEdited } from "../simulate/token.ts";
import { Crossing } from "./crossing.ts";
import { Fleet, launch } from "./fleet.ts";
import { Mirror } from "./mirror.ts";

export interface TwoWorldsOptions {
  readonly scenario: string;
  readonly seeds: { readonly from: number; readonly to: number };
  /** Of a simulated run, whose schedule it is to be: its seed, or the plan that it carries. */
  readonly token?: ReplayToken;
  /** The wrong scheduler that the token names. */
  readonly createScheduler?: typeof createScheduler;
  readonly redisServer?: string;
  /** Somebody else's scripts instead of ours. */
  readonly luaDir?: string;
  /** A planted bug of the scripts. */
  readonly mutant?: string;
  readonly signal: AbortSignal;
  /** Monotone milliseconds, for the figures. */
  readonly now: () => number;
  readonly onProgress?: (text: string) => void;
  readonly onSeed?: (line: TwoWorldsLine) => void;
}

export interface TwoWorldsLine {
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: "agreed" | "parted" | "not_drivable";
  /** Commands that both worlds answered alike, refused ones included. */
  readonly steps: number;
  readonly refusals: number;
  readonly trace_hash: string;
  readonly wall_ms: number;
  readonly token: string;
  /** What no real server can be made to do. */
  readonly not_drivable?: string;
  readonly story?: readonly string[];
}

export interface TwoWorldsEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

/** @throws UsageError for a scenario that there is not, LabError, BrokenRunError */
export async function runTwoWorlds(options: TwoWorldsOptions): Promise<TwoWorldsEvidence> {
  const scripts = options.mutant === undefined ? loadScripts(options.luaDir) : mutated(options.mutant, options.luaDir);
  const { now, onProgress = () => {}, onSeed = () => {}, seeds, signal } = options;
  const startedAt = now();
  await using lab = await openLab(options.redisServer === undefined ? {} : { redisServer: options.redisServer });
  const urls = await launch(lab);
  await using crossing = new Crossing();
  const worlds: Worlds = { crossing, fleet: new Fleet(crossing, urls), scripts, now };
  const lines: TwoWorldsLine[] = [];
  const violations: Violation[] = [];
  for (let seed = seeds.from; seed <= seeds.to && !signal.aborted; seed += 1) {
    const { line, violation } = await runSeed(options, seed, worlds);
    lines.push(line);
    if (violation !== null) violations.push(violation);
    onSeed(line);
    onProgress(`${lines.length} seeds   ${lines.reduce((sum, { steps }) => sum + steps, 0)} commands in both worlds`);
  }
  return evidenceOf(options, { lines, violations, scripts, wall: now() - startedAt });
}

interface Worlds {
  readonly crossing: Crossing;
  readonly fleet: Fleet;
  readonly scripts: ScriptSet;
  readonly now: () => number;
}

async function runSeed(
  options: TwoWorldsOptions,
  seed: number,
  { crossing, fleet, now, scripts }: Worlds,
): Promise<{ readonly line: TwoWorldsLine; readonly violation: Violation | null }> {
  const plan = planFor(options, seed);
  const startedAt = now();
  const create = options.createScheduler && { createScheduler: options.createScheduler };
  const simulated = await runPlan({ plan, properties: [], withText: true, ...create });
  const mirror = new Mirror(crossing, fleet, scripts);
  const driven = await runPlan({ plan, properties: [], withText: true, witness: mirror, ...create });
  mirror.finish();
  const token = tokenOf(options, seed, scripts);
  const { notDrivable, refusals, steps } = mirror;
  const parting = mirror.parting ?? (notDrivable === null ? traceParting(simulated.lines, driven.lines) : null);
  const line: TwoWorldsLine = {
    scenario: options.scenario,
    seed,
    outcome: parting !== null ? "parted" : notDrivable !== null ? "not_drivable" : "agreed",
    steps,
    refusals,
    trace_hash: driven.hash,
    wall_ms: Math.round(now() - startedAt),
    token,
    ...(notDrivable === null ? {} : { not_drivable: notDrivable }),
    ...(parting === null ? {} : { story: parting.story }),
  };
  const named = { scenario: options.scenario, layer: "simulate", token, files: [] } as const;
  return { line, violation: parting && { ...named, ...parting } };
}

/** The scheduler heard the same words from both stores, so it has to have done the same. */
function traceParting(one: readonly string[], other: readonly string[]) {
  const at = one.findIndex((line, index) => line !== other[index]);
  if (at < 0 && one.length === other.length) return null;
  const index = at < 0 ? one.length : at;
  const story = [
    `event ${index + 1} of the run is another with real servers: found ${other[index] ?? "nothing"}, allowed ${one[index] ?? "nothing"}`,
    ...one.slice(Math.max(0, index - 10), index).map((line) => `  ${line}`),
  ];
  return { property: "V2", story } as const;
}

/** @throws UsageError for a token of an edited scenario, and for a plan that is none */
function planFor(options: TwoWorldsOptions, seed: number): Plan {
  const { token } = options;
  if (token?.plan !== undefined) return readPlan(token.plan, "token: plan").plan;
  const scenario = scenarioOf(options);
  if (token !== undefined) refuseEdited(token, scenario);
  return planOf(scenario, seed);
}

function scenarioOf({ scenario: name }: TwoWorldsOptions) {
  const scenario = findScenario(name);
  if (scenario !== undefined) return scenario;
  throw new UsageError(`scenario ${JSON.stringify(name)}: there is none of that name`, {
    where: "scenario",
    fix: "use one of those that lockproof simulate --help names",
  });
}

/** Of the same schedule, in two worlds again. */
function tokenOf(options: TwoWorldsOptions, seed: number, { fingerprint, name }: ScriptSet): string {
  const { mutant, scenario, token } = options;
  const script_set = `${name}@${fingerprint}`;
  const told = { layer: "simulate", script_set, ...(mutant === undefined ? {} : { mutant }) } as const;
  if (token !== undefined) return encodeToken({ ...token, ...told, options: { ...token.options, on: "redis" } });
  const declaration = fingerprintOf(scenarioOf(options));
  return encodeToken({ subject: scenario, seed, ...told, options: { on: "redis", declaration } });
}

/** A property keeps this many. */
const mostTokens = 5;

interface Batch {
  readonly lines: readonly TwoWorldsLine[];
  readonly violations: readonly Violation[];
  readonly scripts: ScriptSet;
  readonly wall: number;
}

function evidenceOf(
  { mutant, scenario, seeds, signal }: TwoWorldsOptions,
  { lines, scripts, violations, wall }: Batch,
): TwoWorldsEvidence {
  const agreed = lines.filter(({ outcome }) => outcome === "agreed");
  const stuck = lines.filter(({ outcome }) => outcome === "not_drivable");
  const verdict: Verdict = violations.length > 0 ? "violated" : agreed.length > 0 ? "held" : "not_exercised";
  const reasons = [
    ...(stuck.length === 0 ? [] : [`${stuck.length} seeds not drivable: ${kindsOf(stuck)}`]),
    ...(signal.aborted ? [`ended after ${lines.length} seeds`] : []),
  ];
  const steps = lines.reduce((sum, line) => sum + line.steps, 0);
  return {
    name: "simulate",
    verdict,
    runs: lines.length,
    duration_ms: Math.round(wall),
    properties: brokenBy(violations),
    violations,
    mutants: [],
    series: [],
    faults: [],
    ...(reasons.length === 0 ? {} : { reason: `${scenario}, on redis: ${reasons.join("; ")}` }),
    json: {
      summary: true,
      scenario,
      on: "redis",
      script_set: `${scripts.name}@${scripts.fingerprint}`,
      from: seeds.from,
      to: seeds.to,
      seeds: lines.length,
      agreed: agreed.length,
      parted: violations.length,
      not_drivable: stuck.length,
      commands: steps,
      refusals: lines.reduce((sum, { refusals }) => sum + refusals, 0),
      verdict,
      ...(reasons.length === 0 ? {} : { reasons }),
      ...(mutant === undefined ? {} : { mutant }),
    },
  };
}

/** Which properties the first differences break; what else the run kept is for `simulate` and `conform` to say. */
function brokenBy(violations: readonly Violation[]): readonly PropertyEvidence[] {
  const groups = Map.groupBy(violations, ({ property }) => property);
  return [...groups].map(([id, group]) => ({
    ...{ id, verdict: "violated", exercised: group.length, figures: [] },
    tokens: group.slice(0, mostTokens).map(({ token }) => token),
  }));
}

function kindsOf(lines: readonly TwoWorldsLine[]): string {
  return [...new Set(lines.map(({ not_drivable }) => not_drivable ?? ""))].join(", ");
}
