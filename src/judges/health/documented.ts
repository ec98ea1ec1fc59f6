/** The health score as docs/protocol.md, section 7, defines it: written from that page, and from nothing of the scheduler. */

/** A metric by its name, as a node reported it; null: none, or not a finite number, which JSON cannot say. */
export type Reported = Readonly<Record<string, number | null>>;

interface Part {
  /** The metric at which strain is complete. */
  readonly full: number;
  readonly weight: number;
}

const parts: ReadonlyMap<string, Part> = new Map([
  ["cpu", { full: 1, weight: 0.25 }],
  ["gpu", { full: 1, weight: 0.2 }],
  ["memory", { full: 1, weight: 0.15 }],
  ["load", { full: 4, weight: 0.15 }],
  ["latency_ms", { full: 1_000, weight: 0.1 }],
  ["error_rate", { full: 1, weight: 0.15 }],
]);

const largest = 1_000_000_000;
const withoutMetrics = 500;

export function isAllowed(metric: number | null): metric is number {
  return metric !== null && metric >= 0 && metric <= largest;
}

/** The metrics that are known: those that are possible. */
export function knownOf(reported: Reported): ReadonlyMap<string, number> {
  return new Map(
    [...parts.keys()].flatMap((name) => {
      const metric = reported[name] ?? null;
      return isAllowed(metric) ? [[name, metric] as const] : [];
    }),
  );
}

/** In thousandths, not rounded. */
export function expectedHealth(known: ReadonlyMap<string, number>): number {
  let [strain, weights] = [0, 0];
  for (const [name, metric] of known) {
    const { full, weight } = parts.get(name) ?? { full: 1, weight: 0 };
    strain += weight * Math.min(1, metric / full);
    weights += weight;
  }
  return weights === 0 ? withoutMetrics : 1_000 * (1 - strain / weights);
}
