/**
 * Leads a run through its phases: instances start, nodes register, the load runs, everything heals, views converge. It waits in virtual time, and
 * reports why a run cannot be judged.
 */
import type { Bounds } from "../../check/judgement.ts";
import type { Clients } from "../../load/clients/clients.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Plan } from "../plan/plan.ts";
import { toPort, toStoredConfig } from "../servers/protocol-values.ts";
import type { PhaseBegun } from "../trace/events.ts";
import type { Instance } from "../world/instance.ts";
import type { World } from "../world/world.ts";

export interface DirectorOptions {
  readonly world: World;
  readonly clients: Clients;
  readonly plan: Plan;
  readonly bounds: Bounds;
}

/** Nodes that register at the same time. */
const atOnce = 32;
/** Calls without an answer this long after the load, though everything has healed, are given up. */
const patience: Millis = 500;
/** Between two comparisons of the views. */
const lookEvery: Millis = 20;
/** A server that was restarted at the very end has started by then. */
const healing: Millis = 50;
/** How often a change at the last moment may postpone the end. */
const mostDelays = 10;

export class Director {
  readonly #options: DirectorOptions;
  #isOver = false;
  #failure: string | null = null;
  #changedAt: Millis = Number.NEGATIVE_INFINITY;
  #stored: readonly (Version | null)[] = [];

  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#lead().then(
      () => this.#end(null),
      (error: unknown) => this.#end(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why the run cannot be judged. */
  get failure(): string | null {
    return this.#failure;
  }

  #end(failure: string | null): void {
    this.#isOver = true;
    this.#failure ??= failure;
  }

  async #lead(): Promise<void> {
    const { clients, plan, world } = this.#options;
    for (const instance of world.instances) instance.start();
    await this.#until(
      () => world.instances.every(isSettled),
      0,
      "an instance was not normal before the load, without any fault",
    );
    await this.#registerAll();
    await this.#wait(-world.timeline.now);
    this.#phase("load");
    this.#sight();
    this.#act(0);
    const { duration } = plan.scenario;
    await this.#wait(duration - world.timeline.now);
    clients.stop();
    await this.#wait(healing);
    this.#phase("healed");
    await this.#settle();
    this.#phase("quiet");
    await this.#rest();
    this.#sight();
    await world.metrics?.emit(world.bus, world.timeline.now);
    this.#phase("end");
  }

  async #registerAll(): Promise<void> {
    const { clients, world } = this.#options;
    const waiting = [...clients.agents];
    const work = async (): Promise<void> => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
        let answer = await agent.register();
        while (answer.outcome !== "ok" && world.timeline.now < 0) {
          await this.#wait(20);
          answer = await agent.register();
        }
        if (answer.outcome !== "ok")
          throw new Error(`${agent.node} could not register before the load: ${answer.reply}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, work));
    if (world.timeline.now >= 0) throw new Error("the nodes had not all registered when the load was to begin");
  }

  /** Runs the next action of the plan and those after it, each at its time, whatever the outcome of earlier ones. */
  #act(index: number): void {
    const { clients, plan, world } = this.#options;
    const action = plan.actions[index];
    if (action === undefined) return;
    world.timeline.at(action.at, null, () => {
      this.#act(index + 1);
      world.instances[action.instance]?.whenRunning(() => void clients.act(action));
    });
  }

  /** Waits for calls in flight. */
  async #settle(): Promise<void> {
    const { clients, world } = this.#options;
    const until = world.timeline.now + patience;
    while (clients.inFlight > 0 && world.timeline.now < until) await this.#wait(5);
    clients.giveUp();
  }

  /** Waits until the bound is over, and a little longer where something changes at the last moment. */
  async #rest(): Promise<void> {
    const { bounds, world } = this.#options;
    const until = world.timeline.now + bounds.convergence;
    const last = until + mostDelays * bounds.staleness;
    for (;;) {
      const isEqual = this.#compare();
      const { now } = world.timeline;
      if (now >= until && (isEqual || now - this.#changedAt > bounds.staleness || now >= last)) {
        if (!isEqual) this.#refuseHopeless();
        return;
      }
      await this.#wait(lookEvery);
    }
  }

  /** @returns whether all views have the version of the store */
  #compare(): boolean {
    const { bus, instances, partitions, primary, timeline } = this.#options.world;
    const at = timeline.now;
    const store = Array.from({ length: partitions }, (_, partition) => {
      const { meta } = primary.state(partition);
      return meta === null ? null : toPort(meta);
    });
    if (!areSame(store, this.#stored)) this.#changedAt = at;
    this.#stored = store;
    let isEqual = true;
    for (const { current, index } of instances) {
      if (current === null) continue;
      const { mode, view } = current.scheduler.status();
      bus.emit({ kind: "compared", at, instance: index, mode, views: view, store });
      if (mode !== "normal" || !areSame(store, view)) isEqual = false;
    }
    return isEqual;
  }

  /** A view that could not converge is no violation. @throws Error */
  #refuseHopeless(): void {
    const { instances } = this.#options.world;
    const obstacle = instances.map((instance) => obstacleOf(instance, this.#options.world)).find((one) => one !== null);
    if (obstacle !== undefined) throw new Error(`no view could have converged: ${obstacle}`);
  }

  #sight(): void {
    const { bus, instances, partitions, primary, timeline } = this.#options.world;
    const at = timeline.now;
    for (let partition = 0; partition < partitions; partition += 1) {
      bus.emit({ kind: "truth", at, partition, state: primary.state(partition) });
    }
    for (const { current, index } of instances) {
      if (current === null) continue;
      const { mode, view } = current.scheduler.status();
      const nodes = view.flatMap((_, partition) => current.scheduler.nodes(partition));
      const config = { shown: current.scheduler.config(), stored: toStoredConfig(primary.config.config) };
      bus.emit({ kind: "sighted", at, instance: index, mode, views: view, nodes, config });
    }
  }

  #phase(name: PhaseBegun["name"]): void {
    const { bus, timeline } = this.#options.world;
    bus.emit({ kind: "phase", at: timeline.now, name });
  }

  async #until(isSo: () => boolean, deadline: Millis, otherwise: string): Promise<void> {
    const { timeline } = this.#options.world;
    while (!isSo()) {
      if (timeline.now >= deadline) throw new Error(otherwise);
      await this.#wait(5);
    }
  }

  #wait(duration: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#options.world.timeline.after(duration, null, resolve);
    });
  }
}

function isSettled({ current }: Instance): boolean {
  if (current === null) return false;
  const { connected, mode } = current.scheduler.status();
  return connected && mode === "normal";
}

/** Why an instance cannot reach the store, though everything should have healed. */
function obstacleOf(instance: Instance, world: World): string | null {
  const { current, index, isPaused, conditions } = instance;
  if (current === null) return `instance ${index} has not been started again`;
  if (isPaused) return `instance ${index} is paused`;
  if (!conditions.commands.areNormal || !conditions.feed.areNormal)
    return `the network of instance ${index} has not healed`;
  return world.serverOf(index).isAnswering ? null : "the store does not answer";
}

function areSame(one: readonly (Version | null)[], other: readonly (Version | null)[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((version, index) => {
    const against = other[index];
    return (version?.epoch ?? "") === (against?.epoch ?? "") && (version?.sequence ?? 0) === (against?.sequence ?? 0);
  });
}
