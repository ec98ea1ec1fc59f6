/** One scheduler instance on real connections, in this process. Everything that it does is recorded. */
import { orphansReported } from "../../check/history.ts";
import { noted } from "../../load/clients/noted.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { LoadedScheduler } from "../../mutants/schedulers.ts";
import type { Place } from "../../redis/connection/topology.ts";
import { createRedisFeed } from "../../redis/feed.ts";
import { createRedisStore } from "../../redis/store.ts";
import { systemClock } from "../../redis/system.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Settings } from "../../scheduler/settings.ts";
import { watchOverdue } from "../observe/overdue.ts";
import type { Journal } from "../observe/recorder.ts";
import { watchStore } from "../observe/store-watch.ts";

export interface InstanceOptions {
  readonly index: number;
  /** Counted from 1: each incarnation draws random numbers of its own. */
  readonly incarnation: number;
  /** For commands. */
  readonly commands: Place;
  /** For the subscription. */
  readonly feed: Place;
  readonly seed: number;
  readonly partitions: number;
  readonly feedMax: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly recorder: Journal;
  readonly createScheduler: LoadedScheduler["createScheduler"];
}

export const keyPrefix = "lp:";

/** Starts it and waits until it is ready. @throws SettingsError for settings of the scenario that the scheduler refuses */
export async function startInstance(options: InstanceOptions): Promise<Scheduler> {
  const { feedMax, incarnation, index, partitions, recorder, seed } = options;
  const store = createRedisStore({
    ...options.commands,
    name: `i${index}`,
    prefix: keyPrefix,
    partitions,
    feedMax,
    onCall: ({ script, deadline, took, outcome }) => {
      const to = recorder.now();
      recorder.event({ kind: "store_call", instance: index, script, from: to - took, to, deadline, outcome });
    },
  });
  const feed = createRedisFeed({
    ...{ ...options.feed, name: `i${index}`, prefix: keyPrefix, partitions },
    onRenewed: store.onRenewed,
  });
  const draw = seededRandom(seed);
  const owner = incarnation === 1 ? `instance ${index}` : `instance ${index} life ${incarnation}`;
  const random = (concern: string) => draw(`${owner} ${concern}`);
  // The scheduler checks names and ranges itself.
  const settings: Partial<Settings> = { ...options.settings, partitions };
  const ports = {
    clock: systemClock,
    store: watchOverdue(watchStore(store, index, recorder), index, recorder),
    feed,
    random,
  };
  const scheduler = options.createScheduler(ports, settings, (event) => record(recorder, index, event));
  scheduler.onOrphaned((facts) => {
    recorder.event({ kind: "note", at: recorder.now(), instance: index, what: orphansReported, facts: { ...facts } });
  });
  await store.connect();
  await scheduler.start();
  return scheduler;
}

function record(recorder: Journal, instance: number, event: SchedulerEvent): void {
  const at = recorder.now();
  if (event.kind === "mode_changed") {
    const { from, to, cause } = event;
    recorder.event({ kind: "mode", at, instance, from, to, cause });
  } else if (noted.has(event.kind)) {
    const { kind, at: _, ...facts } = event;
    const plain = kind === "fault" ? { error: String("error" in facts ? facts.error : "") } : facts;
    recorder.event({ kind: "note", at, instance, what: kind, facts: plain });
  }
}
