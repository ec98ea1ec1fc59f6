/**
 * The machine's own scheduling noise, from the ticker that takes no part in the run: how late a wake-up would have come, had it been due at any
 * moment of the run. Counted by moments and not by ticks, since one tick stands for all that a long pause holds up. It is what a call could
 * have met; what was due in a pause was begun after it, and met less.
 */
import { type HistoryEvent, type Millis, ofKind, phaseAt } from "../history.ts";
import type { Judgement, Trial } from "../judgement.ts";
import { Stalls } from "./stall.ts";
import type { TailPoint } from "./tail.ts";

/** The grain below which the ticker takes nothing down, and the first lateness that is reported. */
const finest: Millis = 1;
const mostPoints = 150;

/** The pauses of the process that runs the load. */
export class MachinePauses {
  readonly #end: Millis;
  readonly #lasted: readonly Millis[];
  readonly #longest: Millis;

  constructor(history: readonly HistoryEvent[]) {
    this.#end = phaseAt(history, "end");
    this.#lasted = ofKind(history, "stall").flatMap(({ instance, lasted }) => (instance === undefined ? [lasted] : []));
    this.#longest = this.#lasted.reduce((most, lasted) => Math.max(most, lasted), 0);
  }

  /** Which share of the moments is one at which a wake-up would have come at least so late. */
  get tail(): readonly TailPoint[] {
    const step = Math.max(finest, Math.ceil(this.#longest / mostPoints));
    const steps = Math.max(0, Math.floor(this.#longest / step));
    return Array.from({ length: steps }, (_, index): TailPoint => {
      const late = (index + 1) * step;
      return [late, this.#shareAbove(late)];
    }).filter(([, share]) => share > 0);
  }

  /** The lateness that at most this share of the moments exceeds, to a tenth of a millisecond; 0: below what the ticker sees. */
  exceededBy(share: number): Millis {
    let low = finest;
    let high = this.#longest;
    if (this.#shareAbove(finest) <= share) return 0;
    while (high - low > 0.05) {
      const middle = (low + high) / 2;
      if (this.#shareAbove(middle) > share) low = middle;
      else high = middle;
    }
    return high;
  }

  /** A wake-up in a pause of `lasted` waits longer than `late` if it came in the first `lasted - late` of it. */
  #shareAbove(late: Millis): number {
    if (!(this.#end > 0)) return 0;
    const moments = this.#lasted.reduce((sum, lasted) => sum + Math.max(0, lasted - late), 0);
    return Math.min(1, moments / this.#end);
  }
}

/** Returns the lateness that 99 % of wake-ups stay within, the greatest, and the share of time in which nothing ran. */
export function pauseMeasures({ history }: Trial): Judgement["measures"] {
  const end = phaseAt(history, "end");
  if (!(end > 0)) return [];
  const stalls = new Stalls(history);
  return [
    { name: "machine_late_ms_p99", value: new MachinePauses(history).exceededBy(0.01) },
    { name: "machine_late_ms_max", value: stalls.longest },
    { name: "machine_still_percent", value: stalls.share(0, end) * 100 },
  ];
}
