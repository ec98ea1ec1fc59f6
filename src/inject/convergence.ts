/** Samples the instances after the load until their views equal the store, or the bound for convergence is over. */
import type { HistoryEvent, Millis } from "../check/history.ts";
import { type Subject, withoutStatus } from "./instances/subject.ts";
import type { Ticker } from "./machine/ticker.ts";
import type { StoreObserver } from "./observe/observer.ts";
import type { Recorder } from "./observe/recorder.ts";
import { sampleOf } from "./observe/view-watch.ts";

/** ms between two samples. */
const sampleEvery = 20;
const mostFinalSamples = 20;
/** In bounds. A machine that pauses the process for more than three quarters of the time leaves the run open. */
const longestWait = 5;
/** In bounds. The wait exceeds the bound, so that a late convergence is recorded as late. */
const waitFactor = 1.2;

type SampleEvent = Extract<HistoryEvent, { kind: "sample" }>;

interface Sampled {
  readonly schedulers: readonly Subject[];
  readonly observer: StoreObserver;
  readonly recorder: Recorder;
  readonly ticker: Ticker;
  readonly signal: AbortSignal;
}

/**
 * Samples until nothing changes any more, at least twice. Pauses of the process do not count towards the bound, up to a limit. When the store itself
 * changes meanwhile (a node expires, a lease lapses), the bound begins anew.
 */
export async function waitForConvergence(sampled: Sampled, bound: Millis): Promise<void> {
  const { observer, recorder, signal, ticker } = sampled;
  const since = recorder.now();
  let changedAt = since;
  let versions = latestVersions(recorder);
  const ranFor = (): Millis => recorder.now() - changedAt - ticker.stalledSince(changedAt);
  while (ranFor() < bound * waitFactor && recorder.now() - since < bound * longestWait && !signal.aborted) {
    const samples = await takeSamples(sampled);
    await observer.dump();
    await new Promise((resolve) => setTimeout(resolve, sampleEvery));
    // The second look: a change of the last moment that the instances have not received yet continues the wait.
    if (haveConverged(samples, recorder) && haveConverged(await takeFinalSamples(sampled), recorder)) return;
    const latest = latestVersions(recorder);
    if (latest !== versions) changedAt = recorder.now();
    versions = latest;
  }
  await takeFinalSamples(sampled);
}

async function takeSamples({ recorder, schedulers }: Sampled): Promise<readonly SampleEvent[]> {
  await Promise.all(schedulers.map((scheduler) => scheduler.refresh()));
  const samples = schedulers.flatMap((scheduler, instance) => {
    return scheduler.status().mode === withoutStatus ? [] : [sampleOf(scheduler, instance, recorder)];
  });
  for (const sample of samples) recorder.event(sample);
  return samples;
}

/** The last samples are compared with the last dumps, so they are repeated until the store has not changed between them. */
async function takeFinalSamples(sampled: Sampled): Promise<readonly SampleEvent[]> {
  const { observer, recorder } = sampled;
  let samples: readonly SampleEvent[] = [];
  for (let tries = 0; tries < mostFinalSamples; tries += 1) {
    await observer.dump();
    const before = latestVersions(recorder);
    samples = await takeSamples(sampled);
    await observer.dump();
    if (latestVersions(recorder) === before) break;
  }
  return samples;
}

/** The latest versions of all partitions, as a text that is equal only for equal versions. */
function latestVersions({ observations, work }: Recorder): string {
  return work.measure(() => {
    const latest = new Map<number, unknown>();
    for (const one of observations) if (one.kind === "dump") latest.set(one.partition, one.version);
    return JSON.stringify([...latest]);
  });
}

/** Only ends the wait early; V3's judge decides whether the views have converged. */
function haveConverged(samples: readonly SampleEvent[], recorder: Recorder): boolean {
  if (samples.some(({ mode }) => mode !== "normal")) return false;
  // A system with keys of its own: the instances can only be compared with each other.
  if (recorder.observations.every((one) => one.kind === "dump" && one.version === null)) {
    return new Set(samples.map(({ nodes }) => contentsText(nodes))).size <= 1;
  }
  return samples.every(({ views }) =>
    views.every((view, partition) => {
      const dump = recorder.observations.findLast((one) => one.kind === "dump" && one.partition === partition);
      if (view === null || dump?.kind !== "dump" || dump.version === null) return false;
      return dump.version.epoch === view.epoch && dump.version.sequence === view.sequence;
    }),
  );
}

/** Equal for equal contents, in whatever order. */
function contentsText(nodes: SampleEvent["nodes"]): string {
  return JSON.stringify([...nodes].sort((one, other) => (one.node < other.node ? -1 : 1)));
}
