/**
 * One run, from a plan to its judgements: a world is made, its instances start and its nodes register; then load and faults; then everything
 * heals, the load ends, and convergence is required.
 */
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { promisedSettings } from "../../check/documented-settings.ts";
import type { Bounds, Judgement } from "../../check/judgement.ts";
import { nothingOf } from "../../check/observed/as-far-as-seen.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Judge } from "../../judges/judge.ts";
import { judges } from "../../judges/registry.ts";
import { Clients } from "../../load/clients/clients.ts";
import type { Millis } from "../../protocol/time.ts";
import { createScheduler as ours } from "../../scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../../scheduler/settings.ts";
import { type Cause, Processors, type Spent } from "../cost/processors.ts";
import { setFaults } from "../faults/faults.ts";
import { notJudgedHere } from "../judges/not-judged.ts";
import { Panel } from "../judges/panel.ts";
import { SimulatedJudges } from "../judges/simulated-judges.ts";
import type { Plan } from "../plan/plan.ts";
import type { Witness } from "../servers/witness.ts";
import { Bus, type Listener } from "../trace/bus.ts";
import { ledgerOf } from "../trace/ledger.ts";
import { TraceHash, TraceText } from "../trace/trace.ts";
import { pump } from "../world/drain.ts";
import { type LeakError, watchForLeaks } from "../world/guards.ts";
import { schedulerOf } from "../world/instance-scheduler.ts";
import { RunMetrics } from "../world/run-metrics.ts";
import { SelfStops } from "../world/self-stops.ts";
import { type Draw, streamsOf } from "../world/streams.ts";
import { World } from "../world/world.ts";
import { Director } from "./director.ts";
import { wrongSettings } from "./settings-at-limits.ts";

type CreateMetrics = typeof import("../../embed/metrics.ts")["createMetrics"];

export interface RunOptions {
  readonly plan: Plan;
  /** A mutant, to see that it is caught. */
  readonly createScheduler?: typeof ours | undefined;
  /** Wrong metrics, to see that they are caught. */
  readonly createMetrics?: CreateMetrics | undefined;
  /** Which are judged; absent: those that the scenario names. */
  readonly properties?: readonly PropertyId[] | undefined;
  /** The lines of the trace are wanted, not only their hash. */
  readonly withText?: boolean;
  /** Further listeners. */
  readonly listeners?: readonly Listener[];
  /** Takes the run as judges do, and judges nothing. */
  readonly watch?: Pick<Judge, "hears" | "on">;
  /** Runs in lockstep with the store and answers in its place. */
  readonly witness?: Witness;
  /** Called for every draw of the run. */
  readonly onDraw?: (draw: Draw) => void;
  /** Only so many first events are judged: to find the one that breaks a property. */
  readonly judgedEvents?: number;
  /** Computing takes virtual time; the scheduler must count it (cost/instrument.ts). Only D1 is judged: no other bound allows for it. */
  readonly isCharged?: boolean;
  /** Ends the run in its middle: one run may take longer than a command has to end after a signal. */
  readonly signal?: AbortSignal;
}

/** The run was ended by its signal: nothing is known of it. */
export class RunAbortedError extends Error {
  override readonly name = "RunAbortedError";
}

/** @returns null: it was aborted */
export async function unlessAborted<T>(run: Promise<T>): Promise<T | null> {
  try {
    return await run;
  } catch (error) {
    if (error instanceof RunAbortedError) return null;
    throw error;
  }
}

export interface Run {
  readonly hash: string;
  /** Empty unless `withText`. */
  readonly lines: readonly string[];
  readonly events: number;
  /** From the first start to the end. */
  readonly virtualMs: Millis;
  readonly judgements: readonly Judgement[];
  /** The computation of the instances by the cause of each step; null: computing took no time. */
  readonly spent: ReadonlyMap<Cause, Spent> | null;
  /** Why the run itself cannot be judged; null: it can. */
  readonly broken: string | null;
}

/** The properties of a run in which computing takes time. */
export const chargedProperties: readonly PropertyId[] = ["D1"];

function namedProperties({ always, eventually }: Scenario): readonly PropertyId[] {
  return [...new Set([...always, ...(["V3", "D3"] as const).filter((id) => eventually[id] !== undefined)])];
}

export function judgedProperties(scenario: Scenario): readonly PropertyId[] {
  return namedProperties(scenario).filter((id) => notJudgedHere[id] === undefined);
}

/** The properties that the scenario names and no simulation decides, with the reasons. */
export function notJudged(scenario: Scenario): { readonly [property: string]: string } {
  return Object.fromEntries(
    namedProperties(scenario).flatMap((id) => {
      const reason = notJudgedHere[id];
      return reason === undefined ? [] : [[id, `not judged here: ${reason}`]];
    }),
  );
}

/** A property without a judge is named, never held. */
function withoutJudge(id: PropertyId): readonly Judgement[] {
  if (judges[id] !== undefined) return [];
  return [{ ...nothingOf(id), reason: notJudgedHere[id] ?? "no judge decides it" }];
}

/** @throws SettingsError for settings of the scenario that the scheduler refuses; RunAbortedError */
export async function runPlan(options: RunOptions): Promise<Run> {
  const { plan, listeners = [], createScheduler = ours, withText = false } = options;
  const { scenario } = plan;
  const { instances, partitions } = scenario.topology;
  const used = resolveSettings({ ...scenario.settings, partitions });
  const settings = promisedSettings({ ...scenario.settings, partitions });
  const bounds = boundsOf(scenario);
  const processors = options.isCharged === true ? new Processors() : null;
  const properties = processors !== null ? chargedProperties : (options.properties ?? judgedProperties(scenario));
  const theCase = { plan, settings, instances, partitions, ...bounds, ...(processors && { processors }) };
  const panel = new Panel(theCase, properties);
  const { watch } = options;
  const watching = watch === undefined ? [] : new SimulatedJudges([() => silentJudge(watch)], theCase).listeners;
  const hash = new TraceHash();
  const text = withText ? new TraceText() : null;
  const stops = new SelfStops();
  const { judgedEvents: most = Number.POSITIVE_INFINITY, onDraw = null, witness } = options;
  const bus = new Bus(
    [hash, ...(text === null ? [] : [text])],
    [...panel.listeners, stops, ...watching, ...listeners],
    most,
  );
  const metrics = properties.includes("M1") ? await metricsOf(used, options.createMetrics) : null;
  const { signal } = options;
  const broken = await play({ plan, bus, createScheduler, bounds, onDraw, witness, processors, metrics, signal });
  const deaf = panel.unheard;
  const unfed = deaf.length === 0 ? null : `no event reached the judges of ${deaf.join(", ")}`;
  return {
    hash: hash.text,
    lines: text?.lines ?? [],
    events: bus.count,
    virtualMs: broken.virtualMs,
    judgements: withSettings(stops.join([...panel.finish(), ...properties.flatMap(withoutJudge)]), options),
    spent: processors?.spent ?? null,
    broken: broken.reason ?? stops.unexplained ?? unfed ?? uncounted(processors),
  };
}

function silentJudge(watch: Pick<Judge, "hears" | "on">): Judge {
  const nothing = nothingOf("J1");
  return { property: "J1", hears: watch.hears, on: (event) => watch.on(event), finish: () => nothing };
}

/** The load at the limits of arguments has settings at theirs beside it. */
function withSettings(judgements: readonly Judgement[], options: RunOptions): readonly Judgement[] {
  const { createScheduler = ours, plan } = options;
  if (!plan.scenario.load.some(({ kind }) => kind === "odd_call")) return judgements;
  const wrong = wrongSettings(createScheduler);
  if (wrong.length === 0) return judgements;
  return judgements.map((one) =>
    one.property === "K7" ? { ...one, verdict: "violated", violations: [...one.violations, ...wrong] } : one,
  );
}

interface Play {
  readonly plan: Plan;
  readonly bus: Bus;
  readonly createScheduler: typeof ours;
  readonly bounds: Bounds;
  readonly onDraw: RunOptions["onDraw"] | null;
  readonly witness: Witness | undefined;
  readonly processors: Processors | null;
  readonly metrics: RunMetrics | null;
  readonly signal: AbortSignal | undefined;
}

/** Loaded where they are judged: the package behind them is large. */
async function metricsOf({ ttlSpread }: Settings, wrong?: CreateMetrics): Promise<RunMetrics> {
  const { createMetrics } = await import("../../embed/metrics.ts");
  return new RunMetrics(wrong ?? createMetrics, ttlSpread);
}

/** A charged run in which nothing was counted proves nothing about the cost of computing. */
function uncounted(processors: Processors | null): string | null {
  if (processors === null || [...processors.spent.values()].some(({ blocks }) => blocks > 0)) return null;
  return "nothing that the scheduler computes was counted: its source was not rewritten to count it";
}

async function play({
  bounds,
  bus,
  createScheduler,
  metrics,
  onDraw,
  plan,
  processors,
  signal,
  witness,
}: Play): Promise<{ reason: string | null; virtualMs: Millis }> {
  const { faults, scenario } = plan;
  const begin = -beforeLoad(scenario);
  using guard = watchForLeaks();
  const streams = (now: () => Millis) => streamsOf(plan, now, onDraw ?? undefined);
  const known = { scenario, streams, bus, begin, createScheduler, processors, metrics };
  const world = new World({ ...known, ...(witness && { witness }) });
  const { timeline } = world;
  const clients = new Clients({
    scenario,
    schedulers: world.instances.map((instance) => {
      const front = schedulerOf(instance);
      return processors === null ? front : processors.target(front, instance.index);
    }),
    random: world.random,
    ledger: ledgerOf(world),
    wait: (duration) =>
      new Promise((resolve) => {
        timeline.after(duration, null, resolve);
      }),
  });
  setFaults(faults, world);
  const director = new Director({ world, clients, plan, bounds });
  await pump(() => {
    processors?.settle();
    return signal?.aborted !== true && !director.isOver && timeline.step();
  });
  timeline.clear();
  if (signal?.aborted === true && !director.isOver) throw new RunAbortedError("the run was ended before its end");
  const virtualMs = timeline.now - begin;
  return { virtualMs, reason: reasonOf(guard.leaks, director) };
}

function reasonOf(leaks: readonly LeakError[], { failure, isOver }: Director): string | null {
  if (leaks[0] !== undefined) return leaks[0].message;
  return isOver ? failure : "no event was left before the run had come to its end";
}

/** Time for the instances to start and the nodes to register. */
function beforeLoad({ topology }: Scenario): Millis {
  return 500 + topology.nodes;
}
