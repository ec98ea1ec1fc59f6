/**
 * Lockstep differential runs: one schedule is simulated with the model as its store, and simulated again with real servers in place of the
 * simulated ones, command for command. Replies, keys and then the whole trace of the run have to be equal.
 */
import { findScenario } from "../../scenarios/registry.ts";
import type { Violation } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";
import { encodeToken, type ReplayToken } from "../evidence/token.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { mutated } from "../mutants/scripts.ts";
import { loadScripts, type ScriptSet } from "../redis/scripts/scripts.ts";
import type { createScheduler } from "../scheduler/scheduler.ts";
import { type Plan, planOf } from "../simulate/plan/plan.ts";
import { readPlan } from "../simulate/plan/plan-file.ts";
import { runPlan } from "../simulate/run/run.ts";
import { fingerprintOf, refuseEdited } from "../simulate/run/token.ts";
import {
  evidenceOf,
  type LockstepEvidence,
  type LockstepLine,
  type LockstepOutcome,
  verdictOf,
} from "./batch-evidence.ts";
import { ClusterNodes, launchCluster } from "./cluster-nodes.ts";
import { Crossing } from "./crossing.ts";
import type { Fleet } from "./fleet.ts";
import { LoneServers, launch } from "./lone-servers.ts";
import { Mirror, type Parting } from "./mirror.ts";
import { traceParting } from "./trace-parting.ts";

export interface LockstepOptions {
  readonly scenario: string;
  readonly seeds: { readonly from: number; readonly to: number };
  /** Every `of`-th seed from the `index`-th on: 1 to `of`. */
  readonly shard?: { readonly index: number; readonly of: number };
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
  readonly onSeed?: (line: LockstepLine) => void;
}

/** @throws UsageError for a scenario that there is not, LabError, BrokenRunError */
export async function runLockstep(options: LockstepOptions): Promise<LockstepEvidence> {
  const scripts = options.mutant === undefined ? loadScripts(options.luaDir) : mutated(options.mutant, options.luaDir);
  const { now, onProgress = () => {}, onSeed = () => {}, signal } = options;
  const startedAt = now();
  await using lab = await openLab({
    signal,
    onProvide: (way) => onProgress(`no redis-server found: ${way}`),
    ...(options.redisServer === undefined ? {} : { redisServer: options.redisServer }),
  });
  await using crossing = new Crossing();
  const worlds: Worlds = { crossing, fleets: fleetsOf(lab, crossing), scripts, now };
  const asked = seedsOf(options);
  const lines: LockstepLine[] = [];
  const violations: Violation[] = [];
  for (const seed of asked) {
    if (signal.aborted) break;
    const { line, violation } = await runSeed(options, seed, worlds);
    lines.push(line);
    if (violation !== null) violations.push(violation);
    onSeed(line);
    onProgress(`${lines.length} seeds   ${lines.reduce((sum, { steps }) => sum + steps, 0)} commands in both worlds`);
  }
  const batch = { asked: asked.length, lines, violations, scripts, wall: now() - startedAt };
  return evidenceOf(options, batch);
}

function seedsOf({ seeds: { from, to }, shard = { index: 1, of: 1 } }: LockstepOptions): readonly number[] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return all.filter((_, index) => index % shard.of === shard.index - 1);
}

interface Worlds {
  readonly crossing: Crossing;
  /** The servers that can do what a plan wants of them. */
  readonly fleets: (plan: Plan) => Promise<Fleet>;
  readonly scripts: ScriptSet;
  readonly now: () => number;
}

/** Either kind is started when a plan first needs it: no run can start a server once it is under way. */
function fleetsOf(lab: Lab, crossing: Crossing): Worlds["fleets"] {
  let lone: Promise<Fleet> | undefined;
  let cluster: Promise<Fleet> | undefined;
  return ({ faults }) => {
    if (faults.some(({ kind }) => kind === "slot_migration")) {
      cluster ??= launchCluster(lab).then((nodes) => new ClusterNodes(crossing, nodes));
      return cluster;
    }
    lone ??= launch(lab).then((urls) => new LoneServers(crossing, urls));
    return lone;
  };
}

async function runSeed(
  options: LockstepOptions,
  seed: number,
  { crossing, fleets, now, scripts }: Worlds,
): Promise<{ readonly line: LockstepLine; readonly violation: Violation | null }> {
  const plan = planFor(options, seed);
  const fleet = await fleets(plan);
  const startedAt = now();
  const create = options.createScheduler && { createScheduler: options.createScheduler };
  const simulated = await runPlan({ plan, properties: [], withText: true, ...create });
  const mirror = new Mirror(crossing, fleet, scripts);
  const driven = await runPlan({ plan, properties: [], withText: true, witness: mirror, ...create });
  mirror.finish();
  const token = tokenOf(options, seed, scripts);
  const { compared, notDrivable, steps } = mirror;
  const parting = mirror.parting ?? (notDrivable === null ? traceParting(simulated.lines, driven.lines, steps) : null);
  const broken = simulated.broken ?? driven.broken;
  const outcome = outcomeOf(parting, broken, notDrivable);
  const line: LockstepLine = {
    scenario: options.scenario,
    seed,
    outcome,
    verdict: verdictOf[outcome],
    steps,
    compared: Object.fromEntries([...compared].sort()),
    trace_hash: driven.hash,
    events: driven.events,
    virtual_ms: Math.round(driven.virtualMs),
    wall_ms: Math.round(now() - startedAt),
    token,
    ...(notDrivable === null ? {} : { not_drivable: notDrivable }),
    ...(broken === null ? {} : { broken }),
    ...(parting === null ? {} : { parted_in: parting.where, story: parting.story }),
  };
  if (parting === null) return { line, violation: null };
  const { property, story } = parting;
  return { line, violation: { property, story, scenario: options.scenario, layer: "simulate", token, files: [] } };
}

/** The worst first, as with verdicts: what had been found before a run broke, or could not be driven any further, was found. */
function outcomeOf(parting: Parting | null, broken: string | null, notDrivable: string | null): LockstepOutcome {
  if (parting !== null) return "parted";
  if (broken !== null) return "broken";
  return notDrivable === null ? "agreed" : "not_drivable";
}

/** @throws UsageError for a token of an edited scenario, and for a plan that is none */
function planFor(options: LockstepOptions, seed: number): Plan {
  const { token } = options;
  if (token?.plan !== undefined) return readPlan(token.plan, "token: plan").plan;
  const scenario = scenarioOf(options);
  if (token !== undefined) refuseEdited(token, scenario);
  return planOf(scenario, seed);
}

function scenarioOf({ scenario: name }: LockstepOptions) {
  const scenario = findScenario(name);
  if (scenario !== undefined) return scenario;
  throw new UsageError(`scenario ${JSON.stringify(name)}: there is none of that name`, {
    where: "scenario",
    fix: "use one of those that lockproof simulate --help names",
  });
}

/** Repeats the lockstep run of this schedule. */
function tokenOf(options: LockstepOptions, seed: number, { fingerprint, name }: ScriptSet): string {
  const { mutant, scenario, token } = options;
  const script_set = `${name}@${fingerprint}`;
  const told = { layer: "simulate", script_set, ...(mutant === undefined ? {} : { mutant }) } as const;
  if (token !== undefined) return encodeToken({ ...token, ...told, options: { ...token.options, on: "redis" } });
  const declaration = fingerprintOf(scenarioOf(options));
  return encodeToken({ subject: scenario, seed, ...told, options: { on: "redis", declaration } });
}
