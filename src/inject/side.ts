/** One side of a pair: a fresh world, the load, the faults or none of them, and then rest until all have converged. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { HistoryEvent, LockSearch } from "../check/history.ts";
import type { Bounds, Terms, Trial } from "../check/judgement.ts";
import type { Lab } from "../lab/lab.ts";
import { planLoad } from "../load/plan/plan.ts";
import { seededRandom } from "../load/plan/seeded-random.ts";
import { runFaults } from "./faults/faults.ts";
import type { InstanceKind } from "./instances/as-processes.ts";
import { keyPrefix } from "./instances/instance.ts";
import { LoadGenerator } from "./instances/load.ts";
import type { Subject } from "./instances/subject.ts";
import { startSubjects } from "./instances/subjects.ts";
import { watchMachine } from "./machine/metronome.ts";
import { watchStarvation } from "./machine/starvation-watch.ts";
import { type Ticker, watchStalls } from "./machine/ticker.ts";
import { type Hops, openLinks } from "./network/links.ts";
import { openServers } from "./network/servers.ts";
import type { RunFiles } from "./observe/files.ts";
import { HistoryLog } from "./observe/history-log.ts";
import { StoreObserver } from "./observe/observer.ts";
import { Recorder } from "./observe/recorder.ts";
import { ServerWatch } from "./observe/server-watch.ts";
import { sampleOf, watchViews } from "./observe/view-watch.ts";
import { inTime, type Patience } from "./patience.ts";

export interface SideOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly redis: RedisTopology;
  readonly side: Trial["side"];
  readonly seed: number;
  readonly bounds: Bounds;
  readonly terms: Terms;
  /** What the search of the sources came to; null: none was made. */
  readonly locks: LockSearch | null;
  /** The URL of the module that has `createScheduler`; of hosted instances. */
  readonly scheduler: string;
  readonly kind: InstanceKind;
  /** Where its history is written as it happens; null: nowhere. */
  readonly stored: { readonly files: RunFiles; readonly attempt: number } | null;
  readonly signal: AbortSignal;
}

/** Calls that have not come back this long after the load, though everything has healed, never will. */
const patience = 500;
const registeredWithin = 10_000;
/** From then on: it caught up with all partitions, and is subscribed. */
const normalWithin = 5_000;
/** Between two looks at what the instances believe. */
const sampleEvery = 20;
const mostLooks = 20;
/** In bounds: a machine that stands still for more than three quarters of the time leaves the run open. */
const mostPatience = 5;
/** Properties that are counted at the server. MONITOR would end with a restart, so no scenario has both. */
const watchedAtServer: ReadonlySet<string> = new Set(["C2", "K4"]);

export async function runSide(options: SideOptions): Promise<Trial> {
  const { bounds, lab, locks, scenario, seed, side, signal, stored, terms } = options;
  const { feedMax, instances, nodes, partitions } = scenario.topology;
  const head = { bounds, instances, side, terms };
  const log = new HistoryLog();
  await using file = stored === null ? null : await stored.files.open(stored.attempt, head, log);
  const recorder = new Recorder(log);
  await using cleanup = new AsyncDisposableStack();
  // Ready before anything is measured: its thread's beginning takes a processor for a tenth of a second.
  cleanup.use(await watchMachine(recorder));
  const toxiproxy = cleanup.use(await lab.toxiproxy({ onCall: (call) => recorder.proxyCall(call) }));
  const servers = await openServers(options.redis, { lab, toxiproxy, partitions, prefix: keyPrefix });
  for (const server of [...servers.data, ...servers.sentinels]) {
    cleanup.use(server);
    server.measureStarts((work) => recorder.work.measure(work));
  }
  if (servers.bus !== null) cleanup.use(servers.bus);
  const hops = hopsFor(scenario.faults);
  const links = await openLinks(instances, servers, toxiproxy, hops);
  for (const { commands, feed } of links) for (const hop of [...commands.hops, ...feed.hops]) cleanup.use(hop);
  // Before anybody calls: a line of MONITOR that comes with the answer to MONITOR itself is more than ioredis can take.
  const isWatched = scenario.always.some((id) => watchedAtServer.has(id));
  const watches: ServerWatch[] = [];
  for (const { url } of isWatched ? servers.primaries : [])
    watches.push(cleanup.use(await ServerWatch.open(url, recorder)));
  const observer = cleanup.use(await StoreObserver.open(servers, { prefix: keyPrefix, partitions, feedMax, recorder }));
  // Before anybody else is let in: what the run begins with is seen.
  await observer.dump();
  const { kind, scheduler } = options;
  const schedulers = await startSubjects({ lab, scenario, links, seed, recorder, scheduler, kind, cleanup });
  const random = seededRandom(seed);
  const load = new LoadGenerator({ scenario, actions: planLoad(scenario, random), schedulers, random, recorder });
  await inTime(registeredWithin, (patience) => load.registerAll(patience));
  await inTime(normalWithin, (patience) => waitUntilNormal(schedulers, patience, signal));

  recorder.begin();
  if (locks !== null) recorder.event(locks);
  using ticker = watchStalls(recorder);
  using _starvation = watchStarvation({ toxiproxy, servers, hasHops: hops.commands || hops.feed }, recorder);
  // A hosted instance is looked at in its own process.
  using _views = kind === "hosted" ? null : watchViews(schedulers, { nodes }, recorder);
  const faults = side === "fault" ? scenario.faults : [];
  const seen = { observer, recorder, tellsNoStoreCalls: kind === "line_protocol" };
  const world = { servers, links, processes: schedulers, prefix: keyPrefix, loadEnds: scenario.duration, ...seen };
  await Promise.all([load.run(signal), runFaults(faults, world, signal)]);
  recorder.event({ kind: "phase", at: recorder.now(), name: "healed" });
  await load.settle(patience);
  recorder.event({ kind: "phase", at: recorder.now(), name: "quiet" });
  await rest({ schedulers, observer, recorder, ticker, signal }, bounds.convergence);
  await Promise.all(schedulers.map((each) => each.finish()));
  const endedAt = recorder.now();
  for (const watch of watches) await watch.tell();
  for (const each of schedulers) each.throwIfBroken();
  ticker.stop();
  // Last of all, and not of a run that was cut short: who reads a history with an end has the whole of it.
  if (!signal.aborted) recorder.event({ kind: "phase", at: endedAt, name: "end" });
  // The observer looks on until it is disposed of, and what it sees then no sample was compared with.
  const taken = recorder.end();
  await file?.close();
  return { side, ...taken, instances, bounds, terms };
}

const onCalls: ReadonlySet<string> = new Set([
  ...["reply_lost", "command_delayed", "command_held", "command_repeated", "redis_half_open", "clock_jump"],
]);
const onMessages: ReadonlySet<string> = new Set(["wake_up_dropped", "redis_half_open"]);

/** Only where they are needed: a hop costs time. */
function hopsFor(faults: Scenario["faults"]): Hops {
  return {
    commands: faults.some(({ kind }) => onCalls.has(kind)),
    feed: faults.some(({ kind }) => onMessages.has(kind)),
  };
}

async function waitUntilNormal(schedulers: readonly Subject[], patience: Patience, signal: AbortSignal): Promise<void> {
  for (;;) {
    await Promise.all(schedulers.map((scheduler) => scheduler.refresh()));
    if (schedulers.every(isSettled)) return;
    if (signal.aborted) return;
    if (patience.isOver) throw new Error("an instance was not normal, or not subscribed, though there is no fault yet");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isSettled(scheduler: Subject): boolean {
  const { connected, mode } = scheduler.status();
  return connected && mode === "normal";
}

interface Resting {
  readonly schedulers: readonly Subject[];
  readonly observer: StoreObserver;
  readonly recorder: Recorder;
  readonly ticker: Ticker;
  readonly signal: AbortSignal;
}

/**
 * Looks until nothing changes any more, at least as long as two looks and at most as long as the bound allows and a little more, so that what is
 * late is seen to be late. Time in which the process stood still does not count, up to a limit; and who is to see a change that the store makes
 * meanwhile (a node expires, a lease lapses) has the bound from that on.
 */
async function rest(resting: Resting, bound: number): Promise<void> {
  const { observer, recorder, schedulers, signal, ticker } = resting;
  const since = recorder.now();
  let changedAt = since;
  let versions = latestVersions(recorder);
  const ranFor = (): number => recorder.now() - changedAt - ticker.stillSince(changedAt);
  while (ranFor() < bound * 1.2 && recorder.now() - since < bound * mostPatience && !signal.aborted) {
    await Promise.all(schedulers.map((scheduler) => scheduler.refresh()));
    const samples = schedulers.map((scheduler, instance) => sampleOf(scheduler, instance, recorder));
    for (const sample of samples) recorder.event(sample);
    await observer.dump();
    await new Promise((resolve) => setTimeout(resolve, sampleEvery));
    // A change of the last moment, which they have not been told of yet, goes on with the looking.
    if (haveConverged(samples, recorder) && haveConverged(await lookLast(resting), recorder)) return;
    const latest = latestVersions(recorder);
    if (latest !== versions) changedAt = recorder.now();
    versions = latest;
  }
  await lookLast(resting);
}

/** The last samples are held against the last dumps, so nothing may have changed between them: else they are taken anew. */
async function lookLast({ observer, recorder, schedulers }: Resting): Promise<readonly SampleEvent[]> {
  let samples: readonly SampleEvent[] = [];
  for (let tries = 0; tries < mostLooks; tries += 1) {
    await observer.dump();
    const before = latestVersions(recorder);
    await Promise.all(schedulers.map((scheduler) => scheduler.refresh()));
    samples = schedulers.map((scheduler, instance) => sampleOf(scheduler, instance, recorder));
    for (const sample of samples) recorder.event(sample);
    await observer.dump();
    if (latestVersions(recorder) === before) break;
  }
  return samples;
}

/** Of all partitions, as a text that is equal only for equal versions. */
function latestVersions({ observations, work }: Recorder): string {
  return work.measure(() => {
    const latest = new Map<number, unknown>();
    for (const one of observations) if (one.kind === "dump") latest.set(one.partition, one.version);
    return JSON.stringify([...latest]);
  });
}

type SampleEvent = Extract<HistoryEvent, { kind: "sample" }>;

/** Only ends the waiting early; whether they have converged is for the judge to say. */
function haveConverged(samples: readonly SampleEvent[], recorder: Recorder): boolean {
  if (samples.some(({ mode }) => mode !== "normal")) return false;
  return samples.every(({ views }) =>
    views.every((view, partition) => {
      const dump = recorder.observations.findLast((one) => one.kind === "dump" && one.partition === partition);
      if (view === null || dump?.kind !== "dump" || dump.version === null) return false;
      return dump.version.epoch === view.epoch && dump.version.sequence === view.sequence;
    }),
  );
}
