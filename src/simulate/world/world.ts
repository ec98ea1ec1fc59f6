/** One simulated world: time, the servers of the store, and the instances that are routed to them. */

import { emptyPartition } from "../../../model/partition/partition.ts";
import { emptyConfig } from "../../../model/partition/rules/config.ts";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import type { Settings } from "../../scheduler/settings.ts";
import type { Processors } from "../cost/processors.ts";
import { Server, type ServerGroup } from "../servers/server.ts";
import type { Data } from "../servers/server-state.ts";
import type { Witness } from "../servers/witness.ts";
import type { Bus } from "../trace/bus.ts";
import type { ServerChanged } from "../trace/events.ts";
import { type Environment, Instance } from "./instance.ts";
import type { RunMetrics } from "./run-metrics.ts";
import type { Streams } from "./streams.ts";
import { Timeline } from "./virtual-time.ts";

export interface WorldOptions {
  readonly scenario: Scenario;
  /** @param now in milliseconds since the start of the load */
  readonly streams: (now: () => Millis) => Streams;
  readonly bus: Bus;
  /** The time of the start, before the load, which begins at 0. */
  readonly begin: Millis;
  readonly createScheduler: typeof createScheduler;
  readonly witness?: Witness;
  /** Charge the instances for what they compute; null: computing takes no time. */
  readonly processors?: Processors | null;
  /** Their metrics; null: nothing is counted. */
  readonly metrics?: RunMetrics | null;
}

export class World implements Environment {
  readonly timeline: Timeline;
  readonly bus: Bus;
  /** One stream a concern. */
  readonly random: (concern: string) => Random;
  readonly partitions: number;
  readonly network: readonly [Millis, Millis];
  readonly processors: Processors | null;
  readonly metrics: RunMetrics | null;
  readonly group: ServerGroup;
  readonly instances: readonly Instance[];
  #primary: Server;
  /** Instance -> the former primary that it is still routed to. */
  readonly #misled = new Map<number, Server>();
  #requests = 0;

  constructor(options: WorldOptions) {
    const {
      bus,
      begin,
      createScheduler: create,
      metrics = null,
      processors = null,
      scenario,
      streams,
      witness,
    } = options;
    const { feedMax, instances, partitions } = scenario.topology;
    this.bus = bus;
    this.processors = processors;
    this.metrics = metrics;
    this.random = streams(() => this.timeline.now);
    this.timeline = new Timeline(begin, this.random("order"));
    this.partitions = partitions;
    this.network = scenario.network;
    this.group = {
      timeline: this.timeline,
      bus,
      feedMax,
      skew: 0,
      nextEpoch: 1,
      nextServer: 1,
      witness: witness ?? null,
    };
    const empty = Array.from({ length: partitions }, () => emptyPartition);
    this.#primary = this.server({ partitions: empty, config: emptyConfig });
    const settings: Partial<Settings> = { ...scenario.settings, partitions };
    this.instances = Array.from({ length: instances }, (_, index) => new Instance(this, index, create, settings));
    processors?.begin(this.timeline, this.instances);
  }

  get primary(): Server {
    return this.#primary;
  }

  nextRequest(): number {
    this.#requests += 1;
    return this.#requests;
  }

  /** The server that an instance is routed to now. */
  serverOf(instance: number): Server {
    return this.#misled.get(instance) ?? this.#primary;
  }

  /** A new server with `data`; no instance is routed to it yet. */
  server(data: Data): Server {
    return new Server(this.group, data, (server, partition, version) => {
      for (const { current } of this.instances) current?.feed.publish(server, partition, version);
    });
  }

  /** Routes all instances to `server`, but those that are misled to the former one, and cuts connections to other servers. */
  promote(server: Server, misled: readonly number[] = [], former = this.#primary): void {
    this.#primary = server;
    this.#misled.clear();
    for (const instance of misled) this.#misled.set(instance, former);
    for (const { index, link } of this.#links()) {
      const connection = link.current;
      if (connection !== null && connection.server !== this.serverOf(index))
        connection.cut("the server is another one");
    }
  }

  /** Cuts every connection to it. */
  cutAll(server: Server, reason: string): void {
    for (const { link } of this.#links()) if (link.current?.server === server) link.current.cut(reason);
  }

  serverChanged(server: Server, what: ServerChanged["what"], data: ServerChanged["data"]): void {
    this.bus.emit({ kind: "server", at: this.timeline.now, server: server.id, what, data });
  }

  *#links() {
    for (const { index, current } of this.instances) {
      if (current === null) continue;
      yield { index, link: current.store.link };
      yield { index, link: current.feed.link };
    }
  }
}
