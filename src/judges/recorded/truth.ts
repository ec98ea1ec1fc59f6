/** The content of the store in a recorded run, as far as an observer saw it. */

import { type Millis, ofKind, type Version } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import { type Coverage, coverageOf } from "../../check/observed/coverage.ts";
import { Looks } from "../../check/observed/looks.ts";
import { type Dump, dumpsOf, type Entry, type Observation, observerLag } from "../../check/observed/observation.ts";
import { type ReplayedEpoch, replayEpochs } from "../../check/observed/replay.ts";
import { Succession } from "../../check/observed/succession.ts";
import type { Standing, Truth } from "../truth.ts";
import { RecordedClock } from "./clock.ts";
import { RecordedLine } from "./line.ts";

/** How far a partition had been seen to come, and from when on it may have been there. */
interface Sight {
  readonly since: Millis;
  readonly epoch: string;
  /** The furthest of that epoch so far. */
  readonly last: number;
}

interface Done {
  readonly node: string;
  readonly job: string;
}

/** When an epoch was first seen, or what it began with; and how far the one that its server had been left in had come there. */
type Beginning = Pick<Dump, "at" | "left"> & { readonly since: Millis };

export class RecordedTruth implements Truth {
  readonly lag = observerLag;
  readonly looks: Looks;
  readonly #coverage: Coverage;
  readonly #clock: RecordedClock;
  readonly #lines = new Map<string, RecordedLine>();
  readonly #byPartition: ReadonlyMap<number, readonly RecordedLine[]>;
  readonly #sights = new Map<number, Sight[]>();

  constructor(trial: Trial) {
    const { history, observations } = trial;
    this.#clock = new RecordedClock(history);
    this.looks = new Looks(history);
    this.#coverage = coverageOf(trial);
    const begun = this.#look(observations);
    const serverOf = serversIn(trial);
    const succession = new Succession(observations);
    const asked = jobsAskedFor(history);
    const lines = replayEpochs(observations, (job) => asked.has(job)).map((replayed) => {
      const never = Number.NEGATIVE_INFINITY;
      const { at, left, since } = begun.get(replayed.epoch) ?? { at: never, since: never };
      const follows = replayed.order === 0 ? (left ?? null) : left;
      const wasFinished = (node: string, job: string): boolean =>
        this.#wasFinished(replayed, succession, { node, job });
      const sinceOf = (entry: Entry): Millis => this.looks.sinceOf(entry);
      const beginning = { begunAt: at, begunSince: since, follows, server: serverOf(replayed) };
      return new RecordedLine(replayed, { ...beginning, sinceOf, wasFinished });
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

  answering(_: unknown, partition: number): readonly RecordedLine[] {
    return this.of(partition);
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

  configuration(): undefined {
    return undefined;
  }

  mayHide(partition: number | null, since: Millis, until: Millis): boolean {
    return this.#coverage.mayHideChange(partition, since, until);
  }

  run(): undefined {
    return undefined; // which scripts ran is not recorded
  }

  clock(from: Millis, to: Millis): Millis | undefined {
    return this.#clock.aheadFrom(from, to);
  }

  /** The observer may have seen a change a little later than the instance. */
  followedBy(_: number, partition: number, at: Millis): Sight | undefined {
    const own = this.#sights.get(partition) ?? [];
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((own[middle] as Sight).since <= at) low = middle + 1;
      else high = middle;
    }
    return own[low - 1];
  }

  /** Whether the job was completed in an earlier epoch, of which this one has that, as far as is known. */
  #wasFinished({ epoch, order, partition }: ReplayedEpoch, succession: Succession, done: Done): boolean {
    return this.of(partition)
      .slice(0, order)
      .some((former) => {
        const { job, node } = done;
        const sequence = former.finishedAt(node, job);
        return typeof sequence === "number" && succession.has(epoch, { epoch: former.epoch, sequence }) !== false;
      });
  }

  #look(observations: readonly Observation[]): ReadonlyMap<string, Beginning> {
    const begun = new Map<string, Beginning>();
    const reached = new Map<string, number>();
    /** Partition -> the first look at what no epoch had begun on yet. */
    const found = new Map<number, Beginning>();
    for (const one of observations) {
      const since = this.looks.sinceOf(one);
      const version = one.kind === "entry" ? one : one.version;
      if (version === null) {
        if (one.kind === "dump" && !found.has(one.partition)) found.set(one.partition, { ...one, since });
        continue;
      }
      const { epoch, sequence } = version;
      if (!begun.has(epoch)) begun.set(epoch, found.get(one.partition) ?? { at: one.at, since });
      found.delete(one.partition);
      const last = Math.max(sequence, reached.get(epoch) ?? 0);
      reached.set(epoch, last);
      const own = this.#sights.get(one.partition) ?? [];
      if (own.length === 0) this.#sights.set(one.partition, own);
      own.push({ since, epoch, last });
    }
    return begun;
  }
}

/** The jobs that clients asked places for, and may have got. */
function jobsAskedFor(history: Trial["history"]): ReadonlySet<string> {
  const calls = ofKind(history, "call").filter(({ op, outcome, reply }) => {
    return (op === "reserve_job" || op === "dispatch") && (outcome === "info" || reply === "reserved");
  });
  return new Set(calls.flatMap(({ job }) => job ?? []));
}

/** Faults that let two servers answer at a time. */
const replacing: readonly string[] = ["redis_failover", "redis_split_brain"];

/** Counts the servers of each partition: another one goes on where the data were taken over by one that may not have had all of them. */
function serversIn({ history, observations }: Trial): (epoch: ReplayedEpoch) => number {
  const wasReplaced = ofKind(history, "fault").some(({ name, step }) => step === "inject" && replacing.includes(name));
  const left = new Set(dumpsOf(observations).flatMap((dump) => dump.left?.epoch ?? []));
  const servers = new Map<number, { epoch: string; server: number }>();
  return ({ epoch, partition }) => {
    const former = servers.get(partition);
    const isAnother = former !== undefined && (wasReplaced || left.has(former.epoch));
    const server = (former?.server ?? 0) + (isAnother ? 1 : 0);
    servers.set(partition, { epoch, server });
    return server;
  };
}
