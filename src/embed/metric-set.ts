/** The metrics of all schedulers that share a registry, distinguished by the label `scheduler`. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { OptionsError } from "./errors.ts";
import { type MetricName, metricList, type NamesOf } from "./metric-list.ts";

/** Metrics that are computed when the registry is read. */
export interface Gauged {
  readonly scheduler: string;
  gauges(): readonly (readonly [name: NamesOf<"gauge">, labels: Readonly<Record<string, string>>, value: number])[];
}

const sets = new WeakMap<Registry, MetricSet>();

/** The registry's set, made at first use. @throws OptionsError when the registry has one of the names already, from elsewhere */
export function metricSetOf(registry: Registry): MetricSet {
  const found = sets.get(registry) ?? new MetricSet(registry);
  sets.set(registry, found);
  return found;
}

export class MetricSet {
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #gauged = new Map<string, Gauged>();

  constructor(registry: Registry) {
    const names = Object.keys(metricList) as MetricName[];
    const taken = names.find((name) => registry.getSingleMetric(name) !== undefined);
    if (taken !== undefined)
      throw new OptionsError("metrics", `a registry that has ${taken} already`, "one without our names");
    for (const name of names) this.#add(registry, name);
  }

  count(name: NamesOf<"counter">, labels: Readonly<Record<string, string>>, by = 1): void {
    this.#counters.get(name)?.inc(labels, by);
  }

  observe(name: NamesOf<"histogram">, labels: Readonly<Record<string, string>>, value: number): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  /** The one series with these labels, to be kept: for what is counted a million times a second finding it would cost more than counting. */
  counterOf(name: NamesOf<"counter">, labels: Readonly<Record<string, string>>): Pick<Counter.Internal, "inc"> {
    const counter = this.#counters.get(name);
    if (counter === undefined) throw new RangeError(`there is no counter ${name}`);
    return counter.labels(labels);
  }

  histogramOf(
    name: NamesOf<"histogram">,
    labels: Readonly<Record<string, string>>,
  ): Pick<Histogram.Internal<string>, "observe"> {
    const histogram = this.#histograms.get(name);
    if (histogram === undefined) throw new RangeError(`there is no histogram ${name}`);
    return histogram.labels(labels);
  }

  /** @throws OptionsError when another one of that name is still open: their gauges would hide each other */
  join(gauged: Gauged): void {
    const { scheduler } = gauged;
    if (this.#gauged.has(scheduler)) {
      throw new OptionsError("name", `a second ${scheduler} in one registry`, "a name of its own for each scheduler");
    }
    this.#gauged.set(scheduler, gauged);
  }

  /** Its gauges are gone from now on; what was counted stays. */
  leave({ scheduler }: Gauged): void {
    this.#gauged.delete(scheduler);
  }

  #add(registry: Registry, name: MetricName): void {
    const { help, kind, labels } = metricList[name];
    const options = { name, help, labelNames: ["scheduler", ...labels], registers: [registry] };
    if (kind === "counter") this.#counters.set(name, new Counter(options));
    else if (kind === "histogram")
      this.#histograms.set(name, new Histogram({ ...options, buckets: [...metricList[name].buckets] }));
    else this.#gauges.set(name, new Gauge({ ...options, collect: () => this.#read(name) }));
  }

  #read(name: MetricName): void {
    const gauge = this.#gauges.get(name);
    gauge?.reset();
    for (const [scheduler, gauged] of this.#gauged) {
      for (const [of, labels, value] of gauged.gauges()) {
        if (of === name) gauge?.set({ scheduler, ...labels }, value);
      }
    }
  }
}
