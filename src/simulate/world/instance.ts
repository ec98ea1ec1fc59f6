/**
 * One scheduler process: the real scheduler behind simulated ports, in one life after another. A crash ends a life at once: its memory is lost, its
 * timers never fire, and its requests in flight still reach the store. While it is paused, its events wait; when it resumes, all of them happen.
 */
import { between, chance } from "../../load/plan/random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Random } from "../../scheduler/ports.ts";
import type { createScheduler, Scheduler } from "../../scheduler/scheduler.ts";
import type { Settings } from "../../scheduler/settings.ts";
import type { Processors } from "../cost/processors.ts";
import { Interceptors } from "../faults/interceptor.ts";
import { SimFeed } from "../servers/feed.ts";
import type { Server } from "../servers/server.ts";
import { SimStore } from "../servers/store.ts";
import type { Bus } from "../trace/bus.ts";
import type { InstanceChanged, LinkName } from "../trace/events.ts";
import { ChargedClock, InstanceClock } from "./clock.ts";
import type { Link } from "./link.ts";
import { LinkConditions } from "./link-conditions.ts";
import type { RunMetrics } from "./run-metrics.ts";
import type { Due, Owner, Timeline } from "./virtual-time.ts";

export interface Process {
  readonly scheduler: Scheduler;
  readonly store: SimStore;
  readonly feed: SimFeed;
  readonly clock: InstanceClock;
  /** Whether its `close` has ended. */
  isClosed: boolean;
}

/** The world of an instance. */
export interface Environment {
  readonly timeline: Timeline;
  readonly bus: Bus;
  readonly random: (concern: string) => Random;
  readonly partitions: number;
  readonly network: readonly [Millis, Millis];
  /** null: computing takes no time. */
  readonly processors: Processors | null;
  /** null: nothing is counted. */
  readonly metrics: RunMetrics | null;
  nextRequest(): number;
  /** The server that an instance is routed to now. */
  serverOf(instance: number): Server;
}

/** The origins of two clocks differ by at most this, in milliseconds. */
const originRange = [0, 1_000_000] as const;

export class Instance implements Owner {
  readonly index: number;
  readonly #world: Environment;
  readonly #create: typeof createScheduler;
  readonly #settings: Partial<Settings>;
  /** Draws in the order of the faults that affect the instance. */
  readonly #draw: Random;
  readonly conditions: Readonly<Record<LinkName, LinkConditions>> = {
    commands: new LinkConditions(),
    feed: new LinkConditions(),
  };
  readonly interceptors = new Interceptors();
  busyUntil = Number.NEGATIVE_INFINITY;
  #process: Process | null = null;
  #lifeNumber = 0;
  #pauses = 0;
  /** Faults in force by which its store's client is broken. */
  #breaks = 0;
  #postponed: Due[] = [];
  /** Called when it resumes, or starts again. */
  #waiting: (() => void)[] = [];
  /** Called when the life ends. */
  readonly #onDeath = new Set<() => void>();

  constructor(world: Environment, index: number, create: typeof createScheduler, settings: Partial<Settings>) {
    this.#world = world;
    this.index = index;
    this.#create = create;
    this.#settings = settings;
    this.#draw = world.random(`instance ${index}`);
  }

  get life(): number {
    return this.#lifeNumber;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  get lag(): Millis {
    return this.#world.processors === null ? 0 : this.#world.processors.lag(this);
  }

  /** The current life; null: it has crashed and not started again. */
  get current(): Process | null {
    return this.#process;
  }

  link(name: LinkName): Link | null {
    const process = this.#process;
    if (process === null) return null;
    return name === "commands" ? process.store.link : process.feed.link;
  }

  start(): void {
    if (this.#process !== null) return;
    this.#lifeNumber += 1;
    this.busyUntil = Number.NEGATIVE_INFINITY;
    const { bus, processors, random, timeline } = this.#world;
    const { index } = this;
    const origin = Math.floor(between(this.#draw, originRange));
    const shared = this.#linkPorts();
    const { partitions } = this.#world;
    const store = new SimStore({
      ...shared("commands"),
      partitions,
      nextRequest: () => this.#world.nextRequest(),
      isBroken: () => this.#breaks > 0,
    });
    const feed = new SimFeed(shared("feed"));
    const life = this.#lifeNumber;
    const streams = (concern: string): Random => random(`instance ${index} life ${life} ${concern}`);
    const clock =
      processors === null ? new InstanceClock(timeline, this, origin) : new ChargedClock(timeline, this, origin);
    const count = this.#world.metrics?.begin(index, () => scheduler.status());
    const observe = (what: SchedulerEvent): void => {
      if (this.#lifeNumber !== life) return;
      count?.(what);
      if (what.kind === "store_call") {
        store.ended(what);
        return;
      }
      bus.emit({ kind: "scheduler", at: timeline.now, instance: index, what });
    };
    const scheduler = this.#create({ clock, store, feed, random: streams }, this.#settings, observe);
    scheduler.onOrphaned((orphans) => {
      bus.emit({ kind: "orphans_reported", at: timeline.now, instance: index, ...orphans });
    });
    this.#process = { scheduler, store, feed, clock, isClosed: false };
    this.#emitState("started");
    store.connect();
    scheduler.start().catch(() => {}); // reported by its `fault` event, and by every later call
    this.#release();
  }

  /** Calls of clients still reach it, until its process ends. */
  close(): void {
    const process = this.#process;
    if (process === null) return;
    this.whenRunning(() => {
      this.#emitState("closing");
      const closed = (): void => {
        process.isClosed = true;
        this.#emitClosed(process);
      };
      process.scheduler.close().then(closed, closed); // a fault has been reported by its own event
    });
  }

  /** The process ends; what it has left is looked at once more, since a timer may have been set meanwhile. */
  end(): void {
    if (this.#process?.isClosed === true) this.#emitClosed(this.#process);
    this.crash();
  }

  crash(): void {
    const process = this.#process;
    if (process === null) return;
    this.#process = null;
    this.#lifeNumber += 1; // events of that life are dropped from now on
    this.#postponed = [];
    this.#emitState("crashed");
    // The system closes its sockets; its requests are in flight.
    process.store.forsake();
    process.store.link.current?.end();
    process.feed.link.current?.end();
    for (const callback of [...this.#onDeath]) callback();
    this.#onDeath.clear();
  }

  /** @param change one more fault by which its store's client is broken, or one less */
  breakClient(change: 1 | -1): void {
    this.#breaks += change;
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#emitState("paused");
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#emitState("resumed");
    const postponed = this.#postponed;
    this.#postponed = [];
    // A process that resumes runs its timers first or reads its sockets first, depending on where its event loop was.
    const timersFirst = chance(this.#draw, 0.5);
    const ordered = timersFirst
      ? [...postponed.filter(({ isTimer }) => isTimer), ...postponed.filter(({ isTimer }) => !isTimer)]
      : postponed;
    this.#world.timeline.catchUp(ordered);
    this.#release();
  }

  postpone(due: Due): void {
    this.#postponed.push(due);
  }

  /** Runs `work` once the instance is not paused. */
  whenRunning(work: () => void): void {
    if (!this.isPaused) work();
    else this.#postponed.push({ owner: this, life: this.#lifeNumber, tick: 0, isTimer: false, isInert: false, work });
  }

  /** Resolves when it is not paused. */
  async ready(): Promise<void> {
    while (this.isPaused) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** @returns a function that removes the callback */
  onDeath(callback: () => void): () => void {
    this.#onDeath.add(callback);
    return () => {
      this.#onDeath.delete(callback);
    };
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #linkPorts() {
    const { bus, network, random, timeline } = this.#world;
    const { index, interceptors, conditions } = this;
    const life = this.#lifeNumber;
    return (name: LinkName) => ({
      timeline,
      bus,
      owner: this,
      instance: index,
      name,
      interceptors,
      conditions: conditions[name],
      latency: random(`latency ${index} ${name} ${life}`),
      range: network,
      server: () => this.#world.serverOf(index),
    });
  }

  #emitClosed(process: Process): void {
    if (this.#process !== process) return;
    const { bus, timeline } = this.#world;
    const { clock, feed, store } = process;
    const connections = [store.link, feed.link].filter(({ current }) => current !== null).length;
    bus.emit({ kind: "closed", at: timeline.now, instance: this.index, timers: clock.pending, connections });
  }

  #emitState(state: InstanceChanged["state"]): void {
    const { bus, timeline } = this.#world;
    bus.emit({ kind: "instance", at: timeline.now, instance: this.index, state });
  }
}
