/**
 * Runs one scenario on a real Redis: the fault-free control first, then the faults, on the same seed; and judges the pair.
 * A scenario without faults is its own control, and is run once.
 */
import { boundsOf, budget } from "../../scenarios/declare/bounds.ts";
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { Planted } from "../../scenarios/mutants/scheduler/planted.ts";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import type { LockSearch } from "../check/history.ts";
import type { Terms, Trial } from "../check/judgement.ts";
import { countMarks } from "../check/marks.ts";
import type { PropertyId } from "../check/properties.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { BrokenRunError, UsageError } from "../evidence/failure.ts";
import { encodeToken } from "../evidence/token.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { drawnOnServers } from "../load/plan/drawn-on-servers.ts";
import { findPlanted, loadScheduler } from "../mutants/schedulers.ts";
import { resolveSettings } from "../scheduler/settings.ts";
import type { Attempts } from "./attempts.ts";
import { checkPlaces } from "./availability.ts";
import { tellDrawn, tellMet } from "./drawn.ts";
import { evidenceOf } from "./evidence.ts";
import { instanceKind } from "./instances/as-processes.ts";
import { RunFiles } from "./observe/files.ts";
import { searchForLocks } from "./observe/lock-search.ts";
import { type JudgedPair, judgedProperties, judgePair, type Pair, sidesOf } from "./pair.ts";
import { runAttempts } from "./repeat.ts";
import { runSide } from "./side.ts";

export interface InjectOptions {
  readonly scenario: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** On which servers; as the scenario says where it is absent. */
  readonly redis?: RedisTopology;
  /** The instances are spoken to over the line protocol, as a scheduler written elsewhere is. */
  readonly processes?: true;
  /** Properties that are not owed. */
  readonly exclude?: readonly PropertyId[];
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
  readonly onProgress?: (text: string) => void;
  /** Where the histories are written as they happen; without it they are not kept. */
  readonly dir?: string;
  /** A wrong scheduler to run instead of ours: the id of one that is kept, or one of the caller's, whose token nobody else can replay. */
  readonly planted?: string | Pick<Planted, "id" | "edits">;
}

export interface InjectEvidence extends LayerEvidence {
  readonly json: Readonly<Record<string, unknown>>;
}

export function scenarioNames(): string[] {
  return scenarios.map(({ name }) => name);
}

/**
 * @throws UsageError for a scenario or a planted scheduler that does not exist, or faults that cannot be done there; LabError when there are no servers to be had;
 * BrokenRunError when `signal` ended the run
 */
export async function runInject(options: InjectOptions): Promise<InjectEvidence> {
  const { onProgress = () => {}, scenario: name, seed, signal } = options;
  const declared = scenarioNamed(name);
  const redis = options.redis ?? declared.topology.redis;
  checkPlaces(declared, redis);
  const drawn = drawnOnServers(declared, redis, seed);
  const scenario = drawn?.scenario ?? declared;
  const planted = typeof options.planted === "string" ? findPlanted(options.planted) : (options.planted ?? null);
  const mutant = planted === null ? {} : { mutant: planted.id };
  const placed = redis === scenario.topology.redis ? scenario : { ...scenario, name: `${name} on ${redis}` };
  const choice = options.processes === true ? { processes: true as const } : {};
  const exclude = [...new Set(options.exclude)].sort();
  const kind = instanceKind(name, { ...choice, redis, planted: planted?.id ?? null });
  const changed = {
    ...(redis === scenario.topology.redis ? {} : { redis }),
    ...choice,
    ...(exclude.length === 0 ? {} : { exclude }),
  };
  const elsewhere = Object.keys(changed).length === 0 ? {} : { options: changed };
  const token = encodeToken({ subject: name, seed, layer: "inject", ...mutant, ...elsewhere });
  const startedAt = performance.now();
  using scheduler = await loadScheduler(planted);
  await using lab = await openLab({
    signal,
    onProvide: (way) => onProgress(`a server is missing: ${way}`),
    ...(options.redisServer === undefined ? {} : { redisServer: options.redisServer }),
    ...(options.toxiproxyServer === undefined ? {} : { toxiproxyServer: options.toxiproxyServer }),
  });
  const locks = scenario.always.includes("K4") ? await searchForLocks() : null;
  const { dir } = options;
  const told = drawn === null ? {} : { drawn: tellDrawn(drawn) };
  const stored = { scenario: name, redis, seed, properties: judgedProperties(scenario), ...told };
  const histories = dir === undefined ? null : new RunFiles(dir, stored);
  const started = { lab, scenario, redis, seed, signal, onProgress, locks, scheduler: scheduler.url, kind };
  const { attempts, judged, pair } = await runAttempts({
    name,
    signal,
    onProgress,
    run: (attempt) => runPair({ ...started, stored: histories && { files: histories, attempt } }),
    judge: (made) => judgePair(scenario, made, drawn === null ? "declared" : "drawn", exclude),
  });
  const files = histories === null ? [] : filesOf(histories, attempts, pair);
  const durationMs = performance.now() - startedAt;
  const evidence = evidenceOf({ scenario: placed, pair, judged, token, durationMs, files });
  return {
    ...evidence,
    runs: attempts.runs * sidesOf(pair).length,
    ...(attempts.runs === 1 ? {} : { repeats: [{ scenario: placed.name, token, attempts: attempts.shown }] }),
    json: {
      ...jsonOf(scenario, seed, token, attempts.runs, judged, pair, evidence),
      files,
      ...(drawn === null ? {} : { drawn: tellMet(drawn, pair.fault) }),
    },
  };
}

/** Of the run that it is judged by, and of those in which a bound was missed. */
function filesOf(histories: RunFiles, { telling }: Attempts, pair: Pair): readonly string[] {
  return telling.flatMap((attempt) => sidesOf(pair).map(({ side }) => histories.name(side, attempt)));
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

/** @throws SettingsError for settings that the scheduler refuses */
function termsOf({ settings, topology }: Scenario): Terms {
  const resolved = resolveSettings({ ...settings, partitions: topology.partitions });
  const { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread } = resolved;
  return { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread, feedMax: topology.feedMax };
}

/** One line for machines; what a run is asked about most, by name. */
function jsonOf(
  scenario: Scenario,
  seed: number,
  token: string,
  attempts: number,
  judged: JudgedPair,
  pair: Pair,
  evidence: LayerEvidence,
): Readonly<Record<string, unknown>> {
  const measures = (side: "fault" | "control", property: string): Readonly<Record<string, number>> =>
    Object.fromEntries(
      judged.properties
        .filter(({ fault }) => fault.property === property)
        .flatMap((each) => each[side]?.measures ?? [])
        .filter(({ value }) => Number.isFinite(value))
        .map(({ name, value }) => [name, Math.round(value * 100) / 100]),
    );
  return {
    scenario: scenario.name,
    seed,
    verdict: evidence.verdict,
    attempts,
    read_latency: { fault: measures("fault", "D1"), control: measures("control", "D1"), threshold_ms: budget },
    degradation: { ...measures("fault", "D2"), threshold_ms: budget },
    recovery: { ...measures("fault", "D3"), threshold_ms: scenario.eventually.D3?.within ?? null },
    convergence: { ...measures("fault", "V3"), threshold_ms: scenario.eventually.V3?.within ?? null },
    properties: Object.fromEntries(
      judged.properties.map(({ fault, verdict, reason }) => [
        fault.property,
        { verdict, exercised: fault.exercised, ...(reason === undefined ? {} : { reason }) },
      ]),
    ),
    seen: countMarks(pair.fault),
    reasons: judged.reasons,
    withheld: judged.withheld,
    excluded: judged.excluded,
    violations: evidence.violations.map(({ property, story }) => ({ property, story })),
    duration_ms: evidence.duration_ms,
    token,
  };
}
