/**
 * Lockstep differential runs: one schedule is simulated with the model as its store, and simulated again with real servers in place of the
 * simulated ones, command for command. Replies, keys and then the whole trace of the run have to be equal.
 */
import { findScenario } from "../../scenarios/registry.ts";
import type { Violation } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";
import { encodeToken, type ReplayToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { mutated } from "../mutants/scripts.ts";
import { loadScripts, type ScriptSet } from "../redis/scripts/scripts.ts";
import type { createScheduler } from "../scheduler/scheduler.ts";
import { planOfRecipe } from "../simulate/plan/branch.ts";
import { type Plan, planOf } from "../simulate/plan/plan.ts";
import { readPlan } from "../simulate/plan/plan-file.ts";
import { runPlan, unlessAborted } from "../simulate/run/run.ts";
import { fingerprintOf, recipeOf, refuseEdited } from "../simulate/run/token.ts";
import {
  evidenceOf,
  type LockstepEvidence,
  type LockstepLine,
  type LockstepOutcome,
  verdictOf,
} from "./batch-evidence.ts";
import { ClusterNodes, launchCluster } from "./cluster-nodes.ts";
import type { Fleet } from "./fleet.ts";
import { type Divergence, Mirror } from "./mirror.ts";
import { launch, SingleServers } from "./single-servers.ts";
import { SyncClient } from "./sync-client.ts";
import { traceDivergence } from "./trace-divergence.ts";

export interface LockstepOptions {
  readonly scenario: string;
  readonly seeds: { readonly from: number; readonly to: number };
  /** Every `of`-th seed from the `index`-th on: 1 to `of`. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** The token of a simulated run; its schedule is run, from its seed or the plan that it carries. */
  readonly token?: ReplayToken;
  /** The mutant of the scheduler that the token names. */
  readonly createScheduler?: typeof createScheduler;
  readonly redisServer?: string;
  /** A folder of scripts instead of our own. */
  readonly luaDir?: string;
  /** A mutant of the scripts. */
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
    ...withoutUndefined({ redisServer: options.redisServer }),
  });
  await using client = new SyncClient();
  const setup: Setup = { client, fleets: fleetsOf(lab, client), scripts, now };
  const asked = seedsOf(options);
  const lines: LockstepLine[] = [];
  const violations: Violation[] = [];
  for (const seed of asked) {
    if (signal.aborted) break;
    const ran = await unlessAborted(runSeed(options, seed, setup));
    if (ran === null) break;
    const { line, violation } = ran;
    lines.push(line);
    if (violation !== null) violations.push(violation);
    onSeed(line);
    onProgress(`${lines.length} seeds   ${lines.reduce((sum, { steps }) => sum + steps, 0)} commands on both sides`);
  }
  const batch = { asked: asked.length, lines, violations, scripts, wall: now() - startedAt };
  return evidenceOf(options, batch);
}

function seedsOf({ seeds: { from, to }, shard = { index: 1, of: 1 } }: LockstepOptions): readonly number[] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return all.filter((_, index) => index % shard.of === shard.index - 1);
}

interface Setup {
  readonly client: SyncClient;
  /** The servers that can do what a plan needs. */
  readonly fleets: (plan: Plan) => Promise<Fleet>;
  readonly scripts: ScriptSet;
  readonly now: () => number;
}

/** Starts either kind when a plan first needs it: during a run no server can be started. */
function fleetsOf(lab: Lab, client: SyncClient): Setup["fleets"] {
  let lone: Promise<Fleet> | undefined;
  let cluster: Promise<Fleet> | undefined;
  return ({ faults }) => {
    if (faults.some(({ kind }) => kind === "slot_migration")) {
      cluster ??= launchCluster(lab).then((nodes) => new ClusterNodes(client, nodes));
      return cluster;
    }
    lone ??= launch(lab).then((urls) => new SingleServers(client, urls));
    return lone;
  };
}

/** @throws RunAbortedError */
async function runSeed(
  options: LockstepOptions,
  seed: number,
  { client, fleets, now, scripts }: Setup,
): Promise<{ readonly line: LockstepLine; readonly violation: Violation | null }> {
  const plan = planFor(options, seed);
  const fleet = await fleets(plan);
  const startedAt = now();
  const { createScheduler, signal } = options;
  const simulated = await runPlan({ plan, properties: [], withText: true, createScheduler, signal });
  const mirror = new Mirror(client, fleet, scripts);
  const driven = await runPlan({ plan, properties: [], withText: true, witness: mirror, createScheduler, signal });
  mirror.finish();
  const token = tokenOf(options, seed, scripts);
  const { compared, notDrivable, steps } = mirror;
  const { divergence } = mirror;
  const isComparable = divergence === null && notDrivable === null;
  const traces = isComparable ? traceDivergence(simulated.lines, driven.lines, steps) : null;
  const broken = simulated.broken ?? driven.broken ?? (traces && `the simulator is wrong: ${traces.story[0]}`);
  const outcome = outcomeOf(divergence, broken, notDrivable);
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
    ...withoutUndefined({
      not_drivable: notDrivable ?? undefined,
      broken: broken ?? undefined,
      parted_in: (divergence ?? traces)?.where,
      story: (divergence ?? traces)?.story,
    }),
  };
  if (divergence === null) return { line, violation: null };
  const { property, story } = divergence;
  return { line, violation: { property, story, scenario: options.scenario, layer: "simulate", token, files: [] } };
}

/** The worst outcome wins, as with verdicts: a difference that was found before a run broke still counts. */
function outcomeOf(divergence: Divergence | null, broken: string | null, notDrivable: string | null): LockstepOutcome {
  if (divergence !== null) return "parted";
  if (broken !== null) return "broken";
  return notDrivable === null ? "agreed" : "not_drivable";
}

/** @throws UsageError for a token of an edited scenario, and for a plan that is none */
function planFor(options: LockstepOptions, seed: number): Plan {
  const { token } = options;
  if (token?.plan !== undefined) return readPlan(token.plan, "token: plan").plan;
  const scenario = scenarioOf(options);
  if (token === undefined) return planOf(scenario, seed);
  refuseEdited(token, scenario);
  return planOfRecipe(scenario, recipeOf(token));
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
  const ours = withoutUndefined({ layer: "simulate", script_set, mutant });
  if (token !== undefined) return encodeToken({ ...token, ...ours, options: { ...token.options, on: "redis" } });
  const declaration = fingerprintOf(scenarioOf(options));
  return encodeToken({ subject: scenario, seed, ...ours, options: { on: "redis", declaration } });
}
