/** One side of a pair: a fresh world, the load, the faults or none of them, and then rest until all have converged. */
import type { Scenario } from "../../scenarios/declare.ts";
import type { HistoryEvent, LockSearch } from "../check/history.ts";
import type { Bounds, Terms, Trial } from "../check/judgement.ts";
import type { Lab } from "../lab/lab.ts";
import { seededRandom } from "../redis/system.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { runFaults } from "./faults.ts";
import { keyPrefix, startInstance } from "./instance.ts";
import { openLinks } from "./links.ts";
import { LoadGenerator } from "./load.ts";
import { StoreObserver } from "./observer.ts";
import { planLoad } from "./plan.ts";
import type { LoadedScheduler } from "./planted.ts";
import { Recorder } from "./recorder.ts";
import { ServerWatch } from "./server-watch.ts";
import { watchStalls } from "./ticker.ts";
import { sampleOf, watchViews } from "./view-watch.ts";

export interface SideOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly side: Trial["side"];
  readonly seed: number;
  readonly bounds: Bounds;
  readonly terms: Terms;
  /** What the search of the sources came to; null: none was made. */
  readonly locks: LockSearch | null;
  readonly createScheduler: LoadedScheduler["createScheduler"];
  readonly signal: AbortSignal;
}

/** Calls that have not come back this long after the load, though everything has healed, never will. */
const patience = 500;
const registeredWithin = 10_000;
/** Between two looks at what the instances believe. */
const sampleEvery = 20;
/** Properties that are counted at the server. MONITOR would end with a restart, so no scenario has both. */
const watchedAtServer: ReadonlySet<string> = new Set(["C2", "K4"]);

export async function runSide(options: SideOptions): Promise<Trial> {
  const { bounds, lab, locks, scenario, seed, side, signal, terms } = options;
  const { feedMax, instances, nodes, partitions } = scenario.topology;
  const recorder = new Recorder();
  await using cleanup = new AsyncDisposableStack();
  const redis = cleanup.use(await lab.redis());
  const toxiproxy = cleanup.use(await lab.toxiproxy());
  const withHops = scenario.faults.some(({ kind }) => kind === "reply_lost");
  const links = await openLinks(instances, redis, toxiproxy, withHops);
  for (const { hop } of links) if (hop !== null) cleanup.use(hop);
  const observer = cleanup.use(await StoreObserver.open(redis.url, keyPrefix, partitions, recorder));
  const isWatched = scenario.always.some((id) => watchedAtServer.has(id));
  const watch = isWatched ? cleanup.use(await ServerWatch.open(redis.url, recorder)) : null;
  const schedulers: Scheduler[] = [];
  for (const [index, own] of links.entries()) {
    const { createScheduler } = options;
    const { settings } = scenario;
    const world = { seed, partitions, feedMax, settings, recorder, createScheduler };
    const scheduler = await startInstance({ ...world, index, links: own });
    schedulers.push(cleanup.adopt(scheduler, closeQuietly));
  }
  const random = seededRandom(seed);
  const load = new LoadGenerator({ scenario, actions: planLoad(scenario, random), schedulers, random, recorder });
  await load.registerAll(registeredWithin);
  await waitUntilNormal(schedulers, signal);

  recorder.begin();
  if (locks !== null) recorder.event(locks);
  using _stalls = watchStalls(recorder);
  using _views = watchViews(schedulers, nodes, recorder);
  const faults = side === "fault" ? scenario.faults : [];
  await Promise.all([load.run(signal), runFaults(faults, { redis, links, observer, recorder }, signal)]);
  recorder.event({ kind: "phase", at: recorder.now(), name: "healed" });
  await load.settle(patience);
  recorder.event({ kind: "phase", at: recorder.now(), name: "quiet" });
  await rest(schedulers, observer, recorder, bounds.convergence, signal);
  recorder.event({ kind: "phase", at: recorder.now(), name: "end" });
  await watch?.tell();
  return { side, history: recorder.events, observations: recorder.observations, instances, bounds, terms };
}

/** A planted scheduler may have stopped itself; what it did before has been taken down. */
async function closeQuietly(scheduler: Scheduler): Promise<void> {
  await scheduler.close().catch(() => {});
}

async function waitUntilNormal(schedulers: readonly Scheduler[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (schedulers.some((scheduler) => !isSettled(scheduler))) {
    if (signal.aborted) return;
    if (performance.now() > deadline)
      throw new Error("an instance was not normal, or not subscribed, 5 s after its start, without any fault");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isSettled(scheduler: Scheduler): boolean {
  const { connected, mode } = scheduler.status();
  return connected && mode === "normal";
}

/** Looks until nothing changes any more, at least as long as two looks and at most as long as the bound allows and a little more, so that what is late is seen to be late. */
async function rest(
  schedulers: readonly Scheduler[],
  observer: StoreObserver,
  recorder: Recorder,
  bound: number,
  signal: AbortSignal,
): Promise<void> {
  const until = recorder.now() + bound * 1.2;
  while (recorder.now() < until && !signal.aborted) {
    const samples = schedulers.map((scheduler, instance) => sampleOf(scheduler, instance, recorder));
    for (const sample of samples) recorder.event(sample);
    await observer.dump();
    await new Promise((resolve) => setTimeout(resolve, sampleEvery));
    if (haveConverged(samples, recorder)) break;
  }
  for (const [instance, scheduler] of schedulers.entries()) recorder.event(sampleOf(scheduler, instance, recorder));
  await observer.dump();
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
