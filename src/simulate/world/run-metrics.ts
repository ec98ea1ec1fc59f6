/** The metrics of the instances of a run, fed with their events as an embedded scheduler feeds them; each life of a process has its own. */

import type { createMetrics, Metrics } from "../../embed/metrics.ts";
import { seriesOf } from "../../judges/instances/counted-as.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { Bus } from "../trace/bus.ts";
import type { Counted } from "../trace/events.ts";

interface Life {
  readonly instance: number;
  /** Counted from 1, for each instance. */
  readonly life: number;
  readonly metrics: Metrics;
}

export class RunMetrics {
  readonly #create: typeof createMetrics;
  readonly #ttlSpread: number;
  readonly #lives: Life[] = [];

  constructor(create: typeof createMetrics, ttlSpread: number) {
    this.#create = create;
    this.#ttlSpread = ttlSpread;
  }

  /** A process starts. @returns what its events are given to */
  begin(instance: number, status: () => ReturnType<Scheduler["status"]>): (event: SchedulerEvent) => void {
    const life = this.#lives.filter((one) => one.instance === instance).length + 1;
    const now = () => {
      const { calls, connected, mode } = status();
      return { commands: 1, subscriber: connected ? 1 : 0, inFlight: calls, mode };
    };
    const metrics = this.#create({ scheduler: `instance-${instance}`, ttlSpread: this.#ttlSpread, now });
    this.#lives.push({ instance, life, metrics });
    return (event) => metrics.observe(event);
  }

  /** Reports the counters of all of them as they are now. */
  async emit(bus: Bus, at: number): Promise<void> {
    for (const { instance, life, metrics } of this.#lives) {
      bus.report({ kind: "counted", at, instance, life, counters: await countersOf(metrics) });
    }
  }
}

async function countersOf({ registry }: Metrics): Promise<Counted["counters"]> {
  const counters = new Map<string, number>();
  for (const { name, type, values } of await registry.getMetricsAsJSON()) {
    // prom-client says "counter"; its types call it a number.
    if (String(type) !== "counter") continue;
    for (const { labels, value } of values) {
      const { scheduler: _, ...own } = labels as Readonly<Record<string, string>>;
      counters.set(seriesOf(name, own), value);
    }
  }
  return counters;
}
