/** The processor time of the steps of many runs, by their causes. */
import { type Cause, costs, type Spent } from "./processors.ts";

export class SpentInAll {
  readonly #all = new Map<Cause, Spent>();

  add(spent: ReadonlyMap<Cause, Spent> | null): void {
    for (const [cause, { blocks, longest, steps }] of spent ?? []) {
      const known = this.#all.get(cause) ?? { steps: 0, blocks: 0, longest: 0 };
      this.#all.set(cause, {
        steps: known.steps + steps,
        blocks: known.blocks + blocks,
        longest: Math.max(known.longest, longest),
      });
    }
  }

  /** For machines; blocks are exact, and microseconds are blocks at their measured cost. */
  get json() {
    const steps = [...this.#all].map(([cause, { blocks, longest, steps }]) => {
      const way = cause === "timer" ? costs.timer : costs.arrival;
      const mean = (way + (blocks / steps) * costs.block) / 1_000;
      return [cause, { steps, blocks, us_mean: hundredths(mean), us_max: hundredths(longest) }];
    });
    return { costs_ns: costs, steps: Object.fromEntries(steps) };
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
