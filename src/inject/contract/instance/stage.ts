/** One instance on ports that a check scripts. It does nothing by itself for 20 s: neither polls nor pulses nor sweeps. */
import { seededRandom } from "../../../load/plan/seeded-random.ts";
import type { PartitionTag, Version } from "../../../protocol/version.ts";
import type { Observer } from "../../../scheduler/api.ts";
import type { SchedulerEvent } from "../../../scheduler/events.ts";
import type { Feed, FeedListener } from "../../../scheduler/ports.ts";
import type { createScheduler, Scheduler } from "../../../scheduler/scheduler.ts";
import type { Settings } from "../../../scheduler/settings.ts";
import { ScriptedStore } from "./scripted-store.ts";
import { SteppedClock } from "./stepped-clock.ts";

/** It hears what the check says, and nothing else. */
class ScriptedFeed implements Feed {
  started = 0;
  closed = 0;
  listener: FeedListener | null = null;

  start(listener: FeedListener): void {
    this.started += 1;
    this.listener = listener;
    listener.connected();
  }

  wake(partition: PartitionTag, version: Version): void {
    this.listener?.woken(partition, version);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

/** TTLs are not spread, so that each is exact. */
const quiet = { partitions: 1, ttlSpread: 0, pollInterval: 20_000, pulseInterval: 20_000, sweepInterval: 3_000_000 };

export class Stage {
  readonly clock = new SteppedClock();
  readonly feed = new ScriptedFeed();
  readonly store: ScriptedStore;
  readonly scheduler: Scheduler;
  readonly #events: SchedulerEvent[] = [];

  constructor(create: typeof createScheduler, given: Partial<Settings>, observe: Observer) {
    const settings = { ...quiet, ...given };
    const { clock, feed } = this;
    this.store = new ScriptedStore(clock, settings.partitions);
    const note: Observer = (event) => {
      this.#events.push({ ...event });
      observe(event);
    };
    this.scheduler = create({ clock, feed, store: this.store, random: seededRandom(1) }, settings, note);
  }

  get mode(): string {
    return this.scheduler.status().mode;
  }

  /** The events of these kinds so far, without their times, in order. */
  events(...kinds: readonly SchedulerEvent["kind"][]): readonly object[] {
    return this.#events.filter(({ kind }) => kinds.includes(kind)).map(({ at: _, ...event }) => event);
  }

  /** When the events of a kind were. */
  times(kind: SchedulerEvent["kind"]): readonly number[] {
    return this.#events.filter((event) => event.kind === kind).map(({ at }) => at);
  }

  get lastEvent(): string {
    return this.#events.at(-1)?.kind ?? "";
  }

  /** From now on only what comes is in `events` and in what the store was asked. */
  forget(): void {
    this.#events.length = 0;
    this.store.asked = [];
  }

  async start(): Promise<void> {
    await this.clock.until(this.scheduler.start());
    this.forget();
  }

  /** The outcome of a promise as time passes (`ended`). */
  outcome(promise: Promise<unknown>): Promise<string> {
    return ended(this.clock.until(promise));
  }

  /** The ids of the nodes in the view, with their states. */
  get view(): readonly string[] {
    return this.scheduler
      .nodes(0)
      .map(({ current_jobs, node, status }) => `${node} ${status} ${current_jobs}`)
      .sort();
  }
}

export type MakeStage = (settings?: Partial<Settings>, observe?: Observer) => Stage;

/** The outcome of a promise, as text: `ok`, or the name of the error. */
export async function ended(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
