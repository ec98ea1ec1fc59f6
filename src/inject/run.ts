/**
 * Runs one scenario on a real Redis: first the control without faults, then the run with faults, on the same seed. Then it judges the pair.
 * A scenario without faults is its own control, and is run once.
 */
import { setImmediate } from "node:timers/promises";
import { boundsOf } from "../../scenarios/declare/bounds.ts";
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { SchedulerMutant } from "../../scenarios/mutants/scheduler/mutant.ts";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import type { LockSearch } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { BrokenRunError, UsageError } from "../evidence/failure.ts";
import { encodeToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { drawnOnServers } from "../load/plan/drawn-on-servers.ts";
import { findSchedulerMutant, loadScheduler } from "../mutants/schedulers.ts";
import type { SystemUnderTest } from "../sut/command.ts";
import type { Attempts } from "./attempts.ts";
import { checkPlaces } from "./availability.ts";
import { termsOf } from "./declared/terms.ts";
import { describeDraw, describeMetDraw } from "./drawn.ts";
import { evidenceOf } from "./evidence.ts";
import { instanceKind } from "./instances/as-processes.ts";
import { jsonOf } from "./json-line.ts";
import { RunFiles } from "./observe/files.ts";
import { searchForLocks } from "./observe/lock-search.ts";
import { judgedProperties, judgePair, type Pair, sidesOf } from "./pair.ts";
import { runAttempts } from "./repeat.ts";
import { runSide } from "./side.ts";

export interface InjectOptions {
  readonly scenario: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** On which servers; absent: on those of the scenario. */
  readonly redis?: RedisTopology | undefined;
  /** The harness talks to the instances over the line protocol, as to a scheduler written elsewhere. */
  readonly processes?: true | undefined;
  /** A scheduler written elsewhere, which was greeted; it is run instead of ours. */
  readonly system?: SystemUnderTest | undefined;
  /** Properties that need not be exercised. */
  readonly exclude?: readonly PropertyId[] | undefined;
  readonly redisServer?: string | undefined;
  readonly toxiproxyServer?: string | undefined;
  readonly onProgress?: (text: string) => void;
  /** The folder for the histories, which are written during the run; absent: they are not stored. */
  readonly dir?: string | undefined;
  /** The histories are compressed with gzip. */
  readonly isPacked?: true | undefined;
  /** A mutant to run instead of the scheduler: the id of a registered one, or one of the caller's. Only the caller can replay the token of the latter. */
  readonly mutant?: string | Pick<SchedulerMutant, "id" | "edits"> | undefined;
}

export interface InjectEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

export function scenarioNames(): string[] {
  return scenarios.map(({ name }) => name);
}

/**
 * @throws UsageError for a scenario or a mutant that does not exist, or faults that cannot be done there; LabError when there are no servers to be had;
 * BrokenRunError when `signal` ended the run
 */
export async function runInject(options: InjectOptions): Promise<InjectEvidence> {
  const { onProgress = () => {}, scenario: name, seed, signal } = options;
  const declared = scenarioNamed(name);
  const redis = options.redis ?? declared.topology.redis;
  checkPlaces(declared, redis);
  const drawn = drawnOnServers(declared, redis, seed);
  const scenario = drawn?.scenario ?? declared;
  const mutant = typeof options.mutant === "string" ? findSchedulerMutant(options.mutant) : (options.mutant ?? null);
  const placed = redis === scenario.topology.redis ? scenario : { ...scenario, name: `${name} on ${redis}` };
  const exclude = [...new Set(options.exclude)].sort();
  const kind = instanceKind(name, { asked: askedBy(options), redis, mutant: mutant?.id ?? null });
  const chosen = chosenOptions(options, scenario, exclude);
  const token = encodeToken({
    ...{ subject: name, seed, layer: "inject" },
    ...withoutUndefined({ mutant: mutant?.id, options: chosen }),
  });
  const faults = declared.nemesis === undefined ? "declared" : "drawn";
  const startedAt = performance.now();
  // Modules take a second to load on a slow machine: a signal that came meanwhile is heard before a mutant's are loaded, too.
  await setImmediate();
  if (signal.aborted) throw endedEarly(scenario, "control");
  using scheduler = await loadScheduler(mutant);
  await using lab = await openLab({
    signal,
    onProvide: (way) => onProgress(`a server is missing: ${way}`),
    redisServer: options.redisServer,
    toxiproxyServer: options.toxiproxyServer,
  });
  const locks = scenario.always.includes("K4") ? await searchForLocks() : null;
  const { dir } = options;
  const drawnOnce = drawn === null ? undefined : describeDraw(drawn);
  const stored = { scenario: name, redis, seed, properties: judgedProperties(scenario), drawn: drawnOnce };
  const histories = dir === undefined ? null : new RunFiles(dir, stored, options.isPacked);
  const system = options.system?.command ?? null;
  const started = { lab, scenario, redis, seed, signal, onProgress, locks, scheduler: scheduler.url, kind, system };
  const { attempts, judged, pair } = await runAttempts({
    name,
    signal,
    onProgress,
    run: (attempt) => runPair({ ...started, stored: histories && { files: histories, attempt } }),
    judge: (made) => judgePair(scenario, made, { faults, exclude, isFromOutside: options.system !== undefined }),
  });
  const files = histories === null ? [] : filesOf(histories, attempts, pair);
  const durationMs = performance.now() - startedAt;
  const evidence = evidenceOf({ scenario: placed, pair, judged, token, durationMs, files });
  return {
    ...evidence,
    runs: attempts.runs * sidesOf(pair).length,
    ...(attempts.runs > 1 && { repeats: [{ scenario: placed.name, token, attempts: attempts.shown }] }),
    json: {
      ...jsonOf({ scenario, seed, token, attempts: attempts.runs, judged, pair, evidence }),
      files,
      ...(drawn !== null && { drawn: describeMetDraw(drawn, pair.fault) }),
    },
  };
}

function askedBy({ processes, system }: InjectOptions): "--processes" | "--sut" | undefined {
  if (system !== undefined) return "--sut";
  return processes === true ? "--processes" : undefined;
}

/** The options that differ from the scenario's own, for the token; undefined: none do. */
function chosenOptions(
  { processes, redis, system }: InjectOptions,
  { topology }: Scenario,
  exclude: readonly PropertyId[],
) {
  const chosen = withoutUndefined({
    redis: redis === topology.redis ? undefined : redis,
    processes,
    // Not the command: it names a path of this machine.
    sut: system && { name: system.name, version: system.version },
    exclude: exclude.length === 0 ? undefined : exclude,
  });
  return Object.keys(chosen).length === 0 ? undefined : chosen;
}

/** The histories of the last run, and of those in which a bound was missed. */
function filesOf(histories: RunFiles, { decisive }: Attempts, pair: Pair): readonly string[] {
  return decisive.flatMap((attempt) => sidesOf(pair).map(({ side }) => histories.name(side, attempt)));
}

function scenarioNamed(name: string): Scenario {
  const scenario = findScenario(name);
  if (scenario !== undefined) return scenario;
  throw new UsageError(`scenario ${JSON.stringify(name)}: there is none of that name`, {
    where: "scenario",
    fix: `use one of ${scenarioNames().join(", ")}`,
  });
}

interface PairOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly redis: RedisTopology;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly locks: LockSearch | null;
  readonly scheduler: string;
  readonly kind: Parameters<typeof runSide>[0]["kind"];
  readonly system: Parameters<typeof runSide>[0]["system"];
  readonly stored: Parameters<typeof runSide>[0]["stored"];
}

async function runPair({ onProgress, ...options }: PairOptions): Promise<Pair> {
  const { scenario, signal } = options;
  const bounds = boundsOf(scenario);
  const terms = termsOf(scenario);
  const side = async (name: Trial["side"]): Promise<Trial> => {
    onProgress(`${scenario.name}: ${name}, ${scenario.duration / 1_000} s`);
    const trial = await runSide({ ...options, bounds, terms, side: name }).catch((error: unknown) => {
      throw signal.aborted ? endedEarly(scenario, name) : error;
    });
    if (signal.aborted) throw endedEarly(scenario, name);
    return trial;
  };
  const control = await side("control");
  if (scenario.faults.length === 0) return { control, fault: control };
  return { control, fault: await side("fault") };
}

function endedEarly({ name }: Scenario, side: Trial["side"]): BrokenRunError {
  return new BrokenRunError(`the run of ${name} was ended before its time`, {
    where: `scenario ${name}, ${side}`,
    fix: "run it again and let it come to its end",
  });
}
