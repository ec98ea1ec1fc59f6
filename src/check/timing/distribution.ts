/** Percentiles by rank: the smallest value that at least that share of the values does not exceed. */

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** null for no values: there is nothing to tell. */
export function distributionOf(values: Iterable<number>): Distribution | null {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  if (sorted.length === 0) return null;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** Values as they come. Equal ones take no more memory than one: in virtual time there are few others. */
export class Latencies {
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  get distribution(): Distribution | null {
    const sorted = [...this.#counts].sort(([one], [other]) => one - other);
    const count = sorted.reduce((sum, [, times]) => sum + times, 0);
    const at = (share: number): number => {
      const rank = Math.max(1, Math.ceil(share * count));
      let below = 0;
      for (const [value, times] of sorted) {
        below += times;
        if (below >= rank) return value;
      }
      return Number.NaN;
    };
    return count === 0 ? null : { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }
}
