/**
 * One scheduler process: the real scheduler behind simulated ports, life after life. A crash ends a life at once, with all that it knew; its
 * timers never fire, and what it has sent still reaches the store. Standing still, it does nothing until it goes on, and then all of it.
 */
import { between, chance } from "../../load/plan/random.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Millis, Random } from "../../scheduler/ports.ts";
import type { createScheduler, Scheduler } from "../../scheduler/scheduler.ts";
import type { Settings } from "../../scheduler/settings.ts";
import type { Processors } from "../cost/processors.ts";
import { Traps } from "../faults/trap.ts";
import { SimFeed } from "../servers/feed.ts";
import type { Server } from "../servers/server.ts";
import { SimStore } from "../servers/store.ts";
import type { Bus } from "../trace/bus.ts";
import type { InstanceChanged, LinkName } from "../trace/events.ts";
import { ChargedClock, InstanceClock } from "./clock.ts";
import type { Link } from "./link.ts";
import { LinkConditions } from "./link-conditions.ts";
import type { Due, Owner, Timeline } from "./virtual-time.ts";

export interface Life {
  readonly scheduler: Scheduler;
  readonly store: SimStore;
  readonly feed: SimFeed;
}

/** What it finds around it. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly bus: Bus;
  readonly random: (concern: string) => Random;
  readonly partitions: number;
  readonly network: readonly [Millis, Millis];
  /** null: computing takes no time. */
  readonly processors: Processors | null;
  nextRequest(): number;
  /** Whom an instance goes to now. */
  serverOf(instance: number): Server;
}

/** Clocks of two instances are this far apart at most. */
const originRange = [0, 1_000_000] as const;

export class Instance implements Owner {
  readonly index: number;
  readonly #world: Surroundings;
  readonly #create: typeof createScheduler;
  readonly #settings: Partial<Settings>;
  /** By what is done to it and in which order. */
  readonly #draw: Random;
  readonly conditions: Readonly<Record<LinkName, LinkConditions>> = {
    commands: new LinkConditions(),
    feed: new LinkConditions(),
  };
  readonly traps = new Traps();
  busyUntil = Number.NEGATIVE_INFINITY;
  #life: Life | null = null;
  #lives = 0;
  #pauses = 0;
  #postponed: Due[] = [];
  /** Called when it goes on, or starts again. */
  #waiting: (() => void)[] = [];
  /** Called when the life ends. */
  readonly #bereaved = new Set<() => void>();

  constructor(world: Surroundings, index: number, create: typeof createScheduler, settings: Partial<Settings>) {
    this.#world = world;
    this.index = index;
    this.#create = create;
    this.#settings = settings;
    this.#draw = world.random(`instance ${index}`);
  }

  get life(): number {
    return this.#lives;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  get lag(): Millis {
    return this.#world.processors === null ? 0 : this.#world.processors.lag(this);
  }

  /** null: it has crashed and not started again. */
  get current(): Life | null {
    return this.#life;
  }

  link(name: LinkName): Link | null {
    const life = this.#life;
    if (life === null) return null;
    return name === "commands" ? life.store.link : life.feed.link;
  }

  start(): void {
    if (this.#life !== null) return;
    this.#lives += 1;
    this.busyUntil = Number.NEGATIVE_INFINITY;
    const { bus, processors, random, timeline } = this.#world;
    const { index } = this;
    const origin = Math.floor(between(this.#draw, originRange));
    const shared = this.#linkPorts();
    const { partitions } = this.#world;
    const store = new SimStore({ ...shared("commands"), partitions, nextRequest: () => this.#world.nextRequest() });
    const feed = new SimFeed(shared("feed"));
    const life = this.#lives;
    const streams = (concern: string): Random => random(`instance ${index} life ${life} ${concern}`);
    const clock =
      processors === null ? new InstanceClock(timeline, this, origin) : new ChargedClock(timeline, this, origin);
    const observe = (what: SchedulerEvent): void => {
      // That a call has ended the store's side has told already (`settled`).
      if (what.kind === "store_call" || this.#lives !== life) return;
      bus.emit({ kind: "scheduler", at: timeline.now, instance: index, what });
    };
    const scheduler = this.#create({ clock, store, feed, random: streams }, this.#settings, observe);
    this.#life = { scheduler, store, feed };
    this.#tell("started");
    store.connect();
    scheduler.start().catch(() => {}); // it has told of its fault, and whoever calls it is told again
    this.#release();
  }

  crash(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#lives += 1; // nothing happens to that life any more
    this.#postponed = [];
    this.#tell("crashed");
    // The system closes its sockets; what it has sent is on its way.
    life.store.forsake();
    life.store.link.current?.end();
    life.feed.link.current?.end();
    for (const tell of [...this.#bereaved]) tell();
    this.#bereaved.clear();
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#tell("paused");
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#tell("resumed");
    const postponed = this.#postponed;
    this.#postponed = [];
    // A process that wakes looks at its timers first, or at its sockets, as the loop happened to stand.
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

  /** Something from outside that needs it to run. */
  whenRunning(work: () => void): void {
    if (!this.isPaused) work();
    else this.#postponed.push({ owner: this, life: this.#lives, tick: 0, isTimer: false, isInert: false, work });
  }

  /** Resolves when it can be asked something. */
  async ready(): Promise<void> {
    while (this.isPaused) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** @returns ends it */
  onDeath(tell: () => void): () => void {
    this.#bereaved.add(tell);
    return () => {
      this.#bereaved.delete(tell);
    };
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #linkPorts() {
    const { bus, network, random, timeline } = this.#world;
    const { index, traps, conditions } = this;
    const life = this.#lives;
    return (name: LinkName) => ({
      timeline,
      bus,
      owner: this,
      instance: index,
      name,
      traps,
      conditions: conditions[name],
      latency: random(`latency ${index} ${name} ${life}`),
      range: network,
      server: () => this.#world.serverOf(index),
    });
  }

  #tell(state: InstanceChanged["state"]): void {
    const { bus, timeline } = this.#world;
    bus.emit({ kind: "instance", at: timeline.now, instance: this.index, state });
  }
}
