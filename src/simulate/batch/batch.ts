/**
 * Runs many seeds of one scenario. The first runs twice, and both traces have to be equal, line by line. Each seed reports its verdict, its token and
 * the hash of its trace.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { places } from "../../../scenarios/declare/fault-places.ts";
import { findScenario, scenarios } from "../../../scenarios/registry.ts";
import type { Judgement } from "../../check/judgement.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { maxSeed } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { SpentInAll } from "../cost/spent.ts";
import { planOfRecipe, type Recipe } from "../plan/branch.ts";
import { judgedProperties, type Run, runPlan, unlessAborted } from "../run/run.ts";
import { tokenOf } from "../run/token.ts";
import { MarkCounter } from "../trace/marks.ts";
import { evidenceOf, mutantOf, type SimulateEvidence, type Spent } from "./evidence.ts";
import { type Failure, plainFailures, shrunkFailures } from "./failures.ts";
import type { SeedLine, SimulateOptions } from "./options.ts";
import { Successes } from "./successes.ts";
import { type Counted, Tally } from "./tally.ts";

/** @throws UsageError for a scenario that there is not, or that cannot be simulated */
export async function runSimulate(options: SimulateOptions): Promise<SimulateEvidence> {
  return runBatch(scenarioNamed(options.scenario), options);
}

/** As `runSimulate`, of a scenario that need not be in the registry. */
export async function runBatch(
  scenario: Scenario,
  options: Omit<SimulateOptions, "scenario">,
): Promise<SimulateEvidence> {
  const { moreSeeds = 0, now, onProgress = () => {}, onSeed = () => {}, seeds, shard, signal } = options;
  const startedAt = now();
  const tally = new Tally(scenario.name);
  const spent = { events: 0, virtualMs: 0 };
  const successes = new Successes(scenario.load);
  const computed = new SpentInAll();
  const judged = judgedProperties(scenario);
  const isLacking = () =>
    tally.groups.size === 0 &&
    tally.broken === null &&
    (tally.unseen(scenario.sometimes).length + successes.missing.length > 0 ||
      judged.some((id) => tally.exercisedOf(id) === 0));
  const most = Math.min(seeds.to + moreSeeds, maxSeed);
  let { to } = seeds;
  let isProved = false;
  for (let seed = seeds.from; seed <= seeds.to || (seed <= most && isLacking()); seed += 1) {
    if (shard !== undefined && (seed - seeds.from) % shard.of !== shard.index - 1) continue;
    if (signal.aborted) break;
    const recipe = { seed, branches: options.branches ?? [] };
    const listening = { ...options, listeners: [successes, ...(options.listeners ?? [])] };
    const ran = await unlessAborted(runSeed(scenario, recipe, listening, isProved ? "once" : "twice"));
    if (ran === null) break;
    const { counted, line, spent: cpu, trace } = ran;
    isProved = true;
    to = Math.max(to, seed);
    successes.keepRun();
    tally.add(counted);
    computed.add(cpu);
    spent.events += line.events;
    spent.virtualMs += line.virtual_ms;
    onSeed(line, trace);
    if (tally.runs % 10 === 0 || line.verdict !== "held") onProgress(progressOf(tally, spent, now() - startedAt));
    if (options.untilFailure === true && line.verdict !== "held") break;
  }
  const wall = now() - startedAt;
  const failures = await failuresOf(scenario, tally, options);
  const isWhole = options.given === undefined && options.isCharged !== true;
  const unmet = isWhole && tally.runs > 0 ? successes.missing : [];
  const batch = { tally, spent, wall, failures, unmet, computed };
  return evidenceOf(scenario, batch, { ...options, seeds: { from: seeds.from, to } });
}

export function failuresOf(
  scenario: Scenario,
  tally: Tally,
  options: Omit<SimulateOptions, "scenario">,
): Promise<readonly Failure[]> | readonly Failure[] {
  const { planted, ...others } = options;
  const { given, isCharged, onProgress = () => {}, untilFailure } = options;
  // Shrinking runs plans without the cost of computing.
  const { failures = untilFailure === true || isCharged === true ? "plain" : "shrunk" } = options;
  if (failures === "plain") return plainFailures({ scenario, tally });
  const planFor = (recipe: Recipe) => given?.plan ?? planOfRecipe(scenario, recipe);
  // Our own scheduler needs no copy that is instrumented for a guided batch.
  const isOurs = planted?.id === null && planted.module === undefined;
  return shrunkFailures({ ...others, planted: isOurs ? undefined : planted, scenario, tally, onProgress, planFor });
}

export interface SeedRun {
  readonly counted: Counted;
  readonly line: SeedLine;
  readonly trace: readonly string[];
  readonly spent: Run["spent"];
}

type SeedOptions = Pick<SimulateOptions, "given" | "isCharged" | "listeners" | "now" | "planted" | "signal">;

/** @throws RunAbortedError */
export async function runSeed(
  scenario: Scenario,
  recipe: Recipe,
  { given, isCharged = false, listeners = [], now, planted, signal }: SeedOptions,
  times: "once" | "twice",
): Promise<SeedRun> {
  const { branches, seed } = recipe;
  const plan = given?.plan ?? planOfRecipe(scenario, recipe);
  const properties = given && [given.property];
  const shared = { plan, isCharged, properties, createScheduler: planted?.createScheduler, signal };
  const marks = new MarkCounter();
  const startedAt = now();
  const run = await runPlan({ ...shared, listeners: [marks, ...listeners], withText: times === "twice" });
  const wall = now() - startedAt;
  if (times === "twice") refuseDivergence(run, await runPlan({ ...shared, withText: true }), seed);
  const ran = { mutant: mutantOf(planted), scheduler: planted?.module };
  const token = given?.token ?? tokenOf({ scenario, seed, branches, isCharged, ...ran });
  const verdict = verdictOf(run);
  const { broken, events, hash, judgements, virtualMs } = run;
  const counted = { seed, branches, token, verdict, judgements, marks: marks.counts, broken };
  return {
    counted,
    spent: run.spent,
    trace: run.lines,
    line: lineOf({ scenario, seed, branches, verdict, token, hash, events, virtualMs, wall, judgements, broken }),
  };
}

/** A property that this run did not exercise may be exercised by another, so it does not count here. */
function verdictOf({ broken, judgements }: Run): Verdict {
  const said = judgements.map(({ verdict }) => verdict).filter((verdict) => verdict !== "not_exercised");
  return joinVerdicts(broken === null ? said : [...said, "broken"]);
}

/** @throws BrokenRunError naming the first event that differs */
function refuseDivergence(one: Run, other: Run, seed: number): void {
  const at = one.lines.findIndex((line, index) => line !== other.lines[index]);
  if (at < 0 && one.lines.length === other.lines.length && one.hash === other.hash) return;
  const index = at < 0 ? Math.min(one.lines.length, other.lines.length) : at;
  const shown = (run: Run): string => run.lines[index] ?? "nothing more";
  throw new BrokenRunError(
    `seed ${seed} was run twice, and event ${index + 1} differs: "${shown(one)}", then "${shown(other)}"`,
    { where: "the simulator, or what runs in it", fix: "find what it takes from outside the ports: nothing may" },
  );
}

interface LineOf extends Recipe {
  readonly scenario: Scenario;
  readonly verdict: Verdict;
  readonly token: string;
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly wall: number;
  readonly judgements: readonly Judgement[];
  readonly broken: string | null;
}

function lineOf({
  branches,
  broken,
  events,
  hash,
  judgements,
  scenario,
  seed,
  token,
  verdict,
  virtualMs,
  wall,
}: LineOf): SeedLine {
  const stories = judgements.flatMap(({ property, violations }) =>
    violations.slice(0, 1).map((story) => `${property}: ${story.join("; ")}`),
  );
  const open = judgements.flatMap((one) => (one.verdict === verdict && one.reason !== undefined ? [one.reason] : []));
  const why = verdict === "held" || stories.length > 0 ? stories : [...new Set(open)];
  const reasons = broken === null ? why : [...why, broken];
  return {
    scenario: scenario.name,
    seed,
    verdict,
    trace_hash: hash,
    events,
    virtual_ms: Math.round(virtualMs),
    wall_ms: Math.round(wall * 100) / 100,
    token,
    ...withoutUndefined({ branches: branches.length === 0 ? undefined : branches }),
    ...withoutUndefined({ reasons: reasons.length === 0 ? undefined : reasons }),
  };
}

function progressOf({ groups, marks, runs }: Tally, { events, virtualMs }: Spent, wall: number): string {
  const seen = Object.values(marks).filter((count) => count > 0).length;
  const rate = Math.round((events / wall) * 1_000).toLocaleString("en");
  return `${runs} seeds   ${rate} events/s   ${Math.round(virtualMs / 1_000)} s simulated   ${seen} marks   ${groups.size} kinds of failure`;
}

export function simulatedNames(): readonly string[] {
  return scenarios.filter(isSimulated).map(({ name }) => name);
}

function isSimulated({ faults, nemesis }: Scenario): boolean {
  const kinds = [...faults.map(({ kind }) => kind), ...Object.keys(nemesis?.weights ?? {})];
  return kinds.every((kind) => Object.entries(places).some(([name, { simulated }]) => name === kind && simulated));
}

/** @throws UsageError for a scenario that there is not, or that cannot be simulated */
export function scenarioNamed(name: string): Scenario {
  const scenario = findScenario(name);
  if (scenario !== undefined && isSimulated(scenario)) return scenario;
  const found = scenario === undefined ? "there is none of that name" : "one of its faults cannot be simulated";
  throw new UsageError(`scenario ${JSON.stringify(name)}: ${found}`, {
    where: "scenario",
    fix: `use one of ${simulatedNames().join(", ")}`,
  });
}
