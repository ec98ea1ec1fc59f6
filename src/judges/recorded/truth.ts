/** What the store held in a recorded run, as far as an observer saw it. */
import { type Coverage, coverageOf } from "../../check/coverage.ts";
import type { Millis, Version } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import { type Dump, type Observation, observerLag } from "../../check/observation.ts";
import { replayEpochs } from "../../check/replay.ts";
import type { Standing, Truth } from "../truth.ts";
import { RecordedLine } from "./line.ts";

/** How far a partition had been seen to come, and when. */
interface Sight {
  readonly at: Millis;
  readonly epoch: string;
  /** The furthest of that epoch so far. */
  readonly last: number;
}

/** When an epoch was first seen, or what it began with; and how far the one that its server had been left in had come there. */
type Beginning = Pick<Dump, "at" | "left">;

export class RecordedTruth implements Truth {
  readonly lag = observerLag;
  readonly #coverage: Coverage;
  readonly #lines = new Map<string, RecordedLine>();
  readonly #byPartition: ReadonlyMap<number, readonly RecordedLine[]>;
  readonly #sights = new Map<number, Sight[]>();

  constructor(trial: Trial) {
    const { observations } = trial;
    this.#coverage = coverageOf(trial);
    const begun = this.#look(observations);
    const lines = replayEpochs(observations).map((replayed) => {
      const { at, left } = begun.get(replayed.epoch) ?? { at: Number.NEGATIVE_INFINITY };
      return new RecordedLine(replayed, at, replayed.order === 0 ? (left ?? null) : left);
    });
    for (const line of lines) this.#lines.set(line.epoch, line);
    this.#byPartition = Map.groupBy(lines, ({ partition }) => partition);
  }

  get partitions(): Iterable<number> {
    return this.#byPartition.keys();
  }

  line(epoch: string): RecordedLine | undefined {
    return this.#lines.get(epoch);
  }

  of(partition: number): readonly RecordedLine[] {
    return this.#byPartition.get(partition) ?? [];
  }

  lived(_: number, partition: number): readonly RecordedLine[] {
    return this.of(partition);
  }

  standing(version: Version, since: Millis, until: Millis): Standing {
    return this.#coverage.standing(version, since, until);
  }

  configured(): null {
    return null; // configurations have a feed of their own, which the observer does not follow
  }

  /** What the observer saw it may have seen a little later than the instance. */
  followedBy(_: number, partition: number, at: Millis): Sight | undefined {
    const own = this.#sights.get(partition) ?? [];
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((own[middle] as Sight).at <= at + observerLag) low = middle + 1;
      else high = middle;
    }
    return own[low - 1];
  }

  #look(observations: readonly Observation[]): ReadonlyMap<string, Beginning> {
    const begun = new Map<string, Beginning>();
    const reached = new Map<string, number>();
    /** Partition -> the first look at what no epoch had begun on yet. */
    const found = new Map<number, Beginning>();
    for (const one of observations) {
      const version = one.kind === "entry" ? one : one.version;
      if (version === null) {
        if (one.kind === "dump" && !found.has(one.partition)) found.set(one.partition, one);
        continue;
      }
      const { epoch, sequence } = version;
      if (!begun.has(epoch)) begun.set(epoch, found.get(one.partition) ?? { at: one.at });
      found.delete(one.partition);
      const last = Math.max(sequence, reached.get(epoch) ?? 0);
      reached.set(epoch, last);
      const own = this.#sights.get(one.partition) ?? [];
      if (own.length === 0) this.#sights.set(one.partition, own);
      own.push({ at: one.at, epoch, last });
    }
    return begun;
  }
}
