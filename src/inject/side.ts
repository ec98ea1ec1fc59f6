/** One side of a pair of runs: fresh servers and instances, the load, the faults or none of them, and then a wait until all views have converged. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { RedisTopology } from "../../scenarios/declare/fault-places.ts";
import type { LockSearch } from "../check/history.ts";
import type { Bounds, Terms, Trial } from "../check/judgement.ts";
import type { Lab } from "../lab/lab.ts";
import type { ToxiproxyServer } from "../lab/toxiproxy/toxiproxy.ts";
import { seededRandom } from "../load/plan/seeded-random.ts";
import type { SutCommand } from "../sut/command.ts";
import { waitForConvergence } from "./convergence.ts";
import { plannedLoad } from "./declared/planned.ts";
import { runFaults } from "./faults/faults.ts";
import type { InstanceKind } from "./instances/as-processes.ts";
import { keyPrefix } from "./instances/instance.ts";
import { LoadGenerator } from "./instances/load.ts";
import { type Subject, withoutStatus } from "./instances/subject.ts";
import { startSubjects } from "./instances/subjects.ts";
import { watchMachine } from "./machine/metronome.ts";
import { watchStarvation } from "./machine/starvation-watch.ts";
import { watchStalls } from "./machine/ticker.ts";
import { hopsFor, outsideEvents } from "./network/hop-places.ts";
import { type Hops, type InstanceLinks, openLinks } from "./network/links.ts";
import { openServers, type Servers } from "./network/servers.ts";
import type { RunFiles } from "./observe/files.ts";
import { HistoryLog } from "./observe/history-log.ts";
import { StoreObserver } from "./observe/observer.ts";
import { Recorder } from "./observe/recorder.ts";
import { ServerWatch } from "./observe/server-watch.ts";
import { watchViews } from "./observe/view-watch.ts";
import { type ReadyTimeout, withTimeout } from "./ready-timeout.ts";

export interface SideOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly redis: RedisTopology;
  readonly side: Trial["side"];
  readonly seed: number;
  readonly bounds: Bounds;
  readonly terms: Terms;
  /** The result of the search for locks in the sources; null: there was no search. */
  readonly locks: LockSearch | null;
  /** The URL of the module that has `createScheduler`, for hosted instances. */
  readonly scheduler: string;
  readonly kind: InstanceKind;
  /** The system under test; null: the reference scheduler. */
  readonly system: SutCommand | null;
  /** Where the history is written while the run lasts; null: nowhere. */
  readonly stored: { readonly files: RunFiles; readonly attempt: number } | null;
  readonly signal: AbortSignal;
}

/** A call without an answer so long after the load and all faults have ended counts as lost. */
const settleTimeout = 500;
const registeredWithin = 10_000;
/** Counted from then: every instance has caught up with all partitions and is subscribed. */
const normalWithin = 5_000;
/** Properties for which the server counts commands, by MONITOR. A restart would end MONITOR, so no scenario has both. */
const watchedAtServer: ReadonlySet<string> = new Set(["C2", "K4"]);

/** The started parts of a run. */
interface Parts {
  readonly toxiproxy: ToxiproxyServer;
  readonly servers: Servers;
  readonly hops: Hops;
  readonly links: readonly InstanceLinks[];
  readonly watches: readonly ServerWatch[];
  readonly observer: StoreObserver;
  readonly schedulers: readonly Subject[];
  readonly load: LoadGenerator;
  readonly recorder: Recorder;
}

export async function runSide(options: SideOptions): Promise<Trial> {
  const { bounds, scenario, side, stored, terms } = options;
  const { instances } = scenario.topology;
  const log = new HistoryLog();
  const head = { bounds, instances, side, terms };
  await using file = stored === null ? null : await stored.files.open(stored.attempt, head, log);
  const recorder = new Recorder(log);
  await using cleanup = new AsyncDisposableStack();
  const parts = await startParts(options, recorder, cleanup);
  const recorded = await runLoad(options, parts);
  await file?.close();
  return { side, ...recorded, instances, bounds, terms };
}

/** Starts everything, registers the nodes and waits until every instance that reports its mode is in `normal`. */
async function startParts(options: SideOptions, recorder: Recorder, cleanup: AsyncDisposableStack): Promise<Parts> {
  const { kind, lab, scenario, scheduler, seed, signal, system } = options;
  const { feedMax, instances, partitions } = scenario.topology;
  // Started first: creating the thread costs about 100 ms of CPU and would distort the measurements.
  cleanup.use(await watchMachine(recorder));
  const toxiproxy = cleanup.use(await lab.toxiproxy({ onCall: (call) => recorder.proxyCall(call) }));
  const servers = await openServers(options.redis, { lab, toxiproxy, partitions, prefix: keyPrefix });
  for (const server of [...servers.data, ...servers.sentinels]) {
    cleanup.use(server);
    server.measureStarts((work) => recorder.work.measure(work));
  }
  if (servers.bus !== null) cleanup.use(servers.bus);
  const hops = hopsFor(scenario.faults, kind);
  const eventsOf = kind === "hosted" ? () => ({}) : outsideEvents(recorder);
  const links = await openLinks(instances, { servers, toxiproxy, hops, eventsOf });
  for (const { commands, feed } of links) for (const hop of [...commands.hops, ...feed.hops]) cleanup.use(hop);
  // Started before any client calls: ioredis fails if a line of MONITOR arrives together with the reply to MONITOR.
  const isWatched = scenario.always.some((id) => watchedAtServer.has(id));
  const watches: ServerWatch[] = [];
  for (const { url } of isWatched ? servers.primaries : [])
    watches.push(cleanup.use(await ServerWatch.open(url, recorder)));
  const observer = cleanup.use(await StoreObserver.open(servers, { prefix: keyPrefix, partitions, feedMax, recorder }));
  // Before any instance connects: the initial state of the store has to be known.
  await observer.dump();
  const schedulers = await startSubjects({ lab, scenario, links, seed, recorder, scheduler, kind, system, cleanup });
  const random = seededRandom(seed);
  const claimed = plannedLoad(scenario, seed, (instance) => schedulers[instance]?.operations);
  const load = new LoadGenerator({ scenario, ...claimed, schedulers, random, recorder });
  await withTimeout(registeredWithin, (timeout) => load.registerAll(timeout, () => throwIfBroken(schedulers)));
  await withTimeout(normalWithin, (timeout) => waitUntilNormal(schedulers, timeout, signal));
  return { toxiproxy, servers, hops, links, watches, observer, schedulers, load, recorder };
}

/** Runs load and faults, and waits for convergence. @returns what was recorded */
async function runLoad(options: SideOptions, parts: Parts): Promise<Pick<Trial, "history" | "observations">> {
  const { bounds, kind, locks, scenario, side, signal } = options;
  const { hops, links, load, observer, recorder, schedulers, servers, toxiproxy, watches } = parts;
  recorder.begin();
  if (locks !== null) recorder.event(locks);
  using ticker = watchStalls(recorder);
  using _starvation = watchStarvation({ toxiproxy, servers, hasHops: hops.commands || hops.feed }, recorder);
  // The views of a hosted instance are watched in its own process.
  using _views = kind === "hosted" ? null : watchViews(schedulers, { nodes: scenario.topology.nodes }, recorder);
  const faults = side === "fault" ? scenario.faults : [];
  const seen = { observer, recorder };
  const world = { servers, links, processes: schedulers, prefix: keyPrefix, loadEnds: scenario.duration, ...seen };
  await Promise.all([load.run(signal), runFaults(faults, world, signal)]);
  recorder.event({ kind: "phase", at: recorder.now(), name: "healed" });
  await load.settle(settleTimeout);
  recorder.event({ kind: "phase", at: recorder.now(), name: "quiet" });
  await waitForConvergence({ schedulers, observer, recorder, ticker, signal }, bounds.convergence);
  await Promise.all(schedulers.map((each) => each.finish()));
  const endedAt = recorder.now();
  for (const watch of watches) await watch.report();
  throwIfBroken(schedulers);
  ticker.stop();
  // The last event, and absent from a run that was cut short: a history with an end is complete.
  const counted = { calls: recorder.calls, observations: recorder.observations.length };
  if (!signal.aborted) recorder.event({ kind: "phase", at: endedAt, name: "end", ...counted });
  // Ended before the watches are disposed of: no sample was compared with what they see from now on.
  return recorder.end();
}

function throwIfBroken(schedulers: readonly Subject[]): void {
  for (const each of schedulers) each.throwIfBroken();
}

async function waitUntilNormal(
  schedulers: readonly Subject[],
  timeout: ReadyTimeout,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await Promise.all(schedulers.map((scheduler) => scheduler.refresh()));
    if (schedulers.every(isSettled)) return;
    if (signal.aborted) return;
    if (timeout.isOver) throw new Error("an instance was not normal, or not subscribed, though there is no fault yet");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isSettled(scheduler: Subject): boolean {
  const { connected, mode } = scheduler.status();
  return connected && (mode === "normal" || mode === withoutStatus);
}
