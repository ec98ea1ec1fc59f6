/** Latencies of one round, as measured and without the time that the machine is known to have taken. */
import { build, type Histogram } from "hdr-histogram-js";
import type { Millis } from "../../protocol/time.ts";

/** Three digits from a microsecond to a minute; a longer time, or no answer, counts as a minute. */
const ceiling = 60_000_000;
const shape = { lowestDiscernibleValue: 1, highestTrackableValue: ceiling, numberOfSignificantValueDigits: 3 } as const;

interface Sample {
  readonly from: Millis;
  readonly to: Millis;
}

export class Latencies {
  readonly #samples: Sample[] = [];
  #unanswered = 0;

  get count(): number {
    return this.#samples.length + this.#unanswered;
  }

  /** @param from when it was due, which may be earlier than when it was sent */
  add(from: Millis, to: Millis): void {
    this.#samples.push({ from, to });
  }

  /** A failed call counts as slow as possible, so that failing fast never looks like speed. */
  addUnanswered(): void {
    this.#unanswered += 1;
  }

  /** @param percentile 0 to 100 @returns milliseconds */
  at(percentile: number): Millis {
    return valueAt(
      this.#histogram(() => 0),
      percentile,
    );
  }

  /** As `at`, each sample less the time that the machine took meanwhile. */
  adjustedAt(percentile: number, machine: { within(from: Millis, to: Millis): Millis }): Millis {
    return valueAt(
      this.#histogram(({ from, to }) => machine.within(from, to)),
      percentile,
    );
  }

  /** @param taken the part of a sample that does not count */
  #histogram(taken: (sample: Sample) => Millis): Histogram {
    const histogram = build(shape);
    for (const sample of this.#samples) histogram.recordValue(micros(sample.to - sample.from - taken(sample)));
    if (this.#unanswered > 0) histogram.recordValueWithCount(ceiling, this.#unanswered);
    return histogram;
  }
}

function micros(milliseconds: Millis): number {
  return Math.min(ceiling, Math.max(1, Math.round(milliseconds * 1_000)));
}

function valueAt(histogram: Histogram, percentile: number): Millis {
  return histogram.totalCount === 0 ? Number.NaN : histogram.getValueAtPercentile(percentile) / 1_000;
}
