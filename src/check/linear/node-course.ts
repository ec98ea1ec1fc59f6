/** The course of every node through the versions of its partition, as the feed tells it. Positions are those of order.ts, over all epochs. */
import type { Version } from "../history.ts";
import { type Dump, type Entry, epochsOf, type Observation, partitionsOf } from "../observation.ts";
import { JobBook } from "./job-book.ts";
import { type Moment, momentAfter, takenOver } from "./node-moment.ts";
import type { Range } from "./order.ts";

/** More than any sequence: so positions of a later epoch are beyond all of the one before, and stay exact. */
const epochSpan = 2 ** 41;

export interface CourseStep {
  /** From here until the next. */
  readonly from: number;
  readonly moment: Moment;
  /** null: an epoch began, or the feed was not seen. */
  readonly entry: Entry | null;
}

/** A change that cannot be, given the changes before it. */
export interface ImpossibleChange {
  readonly entry: Entry;
  readonly before: Moment;
  readonly why: string;
}

interface KnownEpoch {
  readonly partition: number;
  readonly order: number;
  /** The last sequence that was observed. */
  readonly last: number;
  /** Counts the servers: another one when the data were taken over by one that had not all of them. */
  readonly era: number;
}

export class Courses {
  readonly impossible: ImpossibleChange[] = [];
  readonly #steps = new Map<string, CourseStep[]>();
  readonly #epochs = new Map<string, KnownEpoch>();
  readonly #books = new Map<string, JobBook>();
  readonly #absent = new Map<string, readonly Range[]>();
  readonly #partitions = new Map<number, Set<string>>();

  /** @param isReplaced whether two servers may have answered at a time, so that an epoch may go on after the next one began */
  constructor(observations: readonly Observation[], isReplaced: boolean) {
    for (const partition of partitionsOf(observations)) {
      const own = observations.filter((one) => one.partition === partition);
      const epochs = [...new Set(epochsOf(own, partition))];
      let era = 0;
      for (const [order, epoch] of epochs.entries()) {
        const left = epochs[order - 1];
        const isTakenOver = own.some((one) => one.kind === "dump" && one.left !== undefined && one.left.epoch === left);
        if (order > 0 && (isReplaced || isTakenOver)) era += 1;
        this.#follow(own, { epoch, order, partition, era });
      }
    }
  }

  /** Whether two servers may have answered at a time. */
  get hasSeveralEras(): boolean {
    return [...this.#epochs.values()].some(({ era }) => era > 0);
  }

  get nodes(): Iterable<string> {
    return this.#steps.keys();
  }

  /** null: nobody saw this epoch. */
  epochOf({ epoch }: Version): KnownEpoch | null {
    return this.#epochs.get(epoch) ?? null;
  }

  /** Of the change itself; one more is the state after it. null: nobody saw this epoch. */
  positionOf({ epoch, sequence }: Version): number | null {
    const known = this.#epochs.get(epoch);
    return known === undefined ? null : known.order * epochSpan + 2 * sequence;
  }

  stepsOf(node: string): readonly CourseStep[] {
    return this.#steps.get(node) ?? [];
  }

  /** What the node was at a position; `unseen` beyond what was observed. */
  at(node: string, version: Version, position: number): CourseStep {
    const known = this.#epochs.get(version.epoch);
    if (known === undefined || version.sequence > known.last) return { from: position, moment: "unseen", entry: null };
    return this.stepsOf(node)[this.#indexAt(node, position)] ?? { from: 0, moment: "absent", entry: null };
  }

  /** All positions, in order, at which the node was as wanted; where it was not seen it may have been. */
  rangesOf(node: string, isWanted: (moment: Moment) => boolean): readonly Range[] {
    const steps = this.stepsOf(node);
    const before: CourseStep = { from: 0, moment: "absent", entry: null };
    return [before, ...steps].flatMap(({ from, moment }, index) => {
      const until = steps[index]?.from ?? Number.MAX_SAFE_INTEGER;
      return until > from && (moment === "unseen" || isWanted(moment)) ? [{ first: from, last: until - 1 }] : [];
    });
  }

  absentRanges(node: string): readonly Range[] {
    const known = this.#absent.get(node);
    if (known !== undefined) return known;
    const ranges = this.rangesOf(node, (moment) => moment === "absent");
    this.#absent.set(node, ranges);
    return ranges;
  }

  /** The positions from `position` on at which the node stayed as wanted. */
  rangesFrom(node: string, position: number, isWanted: (moment: Moment) => boolean): readonly Range[] {
    const steps = this.stepsOf(node);
    const ranges: Range[] = [];
    for (let index = this.#indexAt(node, position); index >= 0 && index < steps.length; index += 1) {
      const { from, moment } = steps[index] as CourseStep;
      if (!isWanted(moment)) break;
      ranges.push({ first: from, last: (steps[index + 1]?.from ?? Number.MAX_SAFE_INTEGER) - 1 });
    }
    return ranges;
  }

  /** Of the last step at or before `position`; -1: none. */
  #indexAt(node: string, position: number): number {
    const steps = this.stepsOf(node);
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle] as CourseStep).from <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #follow(
    own: readonly Observation[],
    { epoch, order, partition, era }: { epoch: string; order: number; partition: number; era: number },
  ): void {
    const entries = own.filter((one) => one.kind === "entry" && one.epoch === epoch) as readonly Entry[];
    const dumps = own.filter((one) => one.kind === "dump" && one.version?.epoch === epoch) as readonly Dump[];
    const reached = Math.max(0, entries.at(-1)?.sequence ?? 0, ...dumps.map(({ version }) => version?.sequence ?? 0));
    this.#epochs.set(epoch, { partition, order, era, last: reached });
    this.#begin(own, epoch, order, partition, entries, dumps[0]);
    let expected = 1;
    for (const entry of entries) {
      if (entry.sequence > expected) this.#lose(partition, order * epochSpan + 2 * expected);
      expected = entry.sequence + 1;
      this.#take(entry, order * epochSpan + 2 * entry.sequence);
    }
  }

  /** What the epoch found: the records that the first look at it shows with an older version have not been changed since. */
  #begin(
    own: readonly Observation[],
    epoch: string,
    order: number,
    partition: number,
    entries: readonly Entry[],
    first: Dump | undefined,
  ): void {
    const start = order * epochSpan;
    const base = foundBefore(own, epoch) ?? first;
    const seenFrom = base === first ? (first?.version?.sequence ?? Number.POSITIVE_INFINITY) : 0;
    const found = new Map((base?.nodes ?? []).map((node) => [node.content.node, node]));
    const changedUnseen = new Set(
      entries.filter(({ sequence }) => sequence <= seenFrom).map(({ change }) => change.node),
    );
    const known = new Set([...this.#nodesOf(partition), ...found.keys(), ...changedUnseen]);
    for (const node of known) {
      const held = found.get(node);
      const book = this.#bookOf(node);
      const isUntouched = held !== undefined && held.content.version.epoch !== epoch;
      book.beginEpoch(isUntouched ? held.jobs : []);
      const moment: Moment = isUntouched
        ? takenOver(held.content, book)
        : changedUnseen.has(node) || base === undefined
          ? "unseen"
          : "absent";
      this.#push(node, { from: start, moment, entry: null }, partition);
    }
  }

  /** Changes are missing: of no node is it known any longer what it was. */
  #lose(partition: number, from: number): void {
    for (const node of this.#nodesOf(partition)) this.#push(node, { from, moment: "unseen", entry: null }, partition);
  }

  #take(entry: Entry, from: number): void {
    const { change, epoch, partition, sequence } = entry;
    const before = this.stepsOf(change.node).at(-1)?.moment ?? "absent";
    const after = momentAfter(before, change, { epoch, sequence }, this.#bookOf(change.node));
    const isImpossible = typeof after !== "string" && "why" in after;
    if (isImpossible) this.impossible.push({ entry, before, why: after.why });
    this.#push(change.node, { from, moment: isImpossible ? "unseen" : after, entry }, partition);
  }

  #bookOf(node: string): JobBook {
    const known = this.#books.get(node);
    if (known !== undefined) return known;
    const book = new JobBook();
    this.#books.set(node, book);
    return book;
  }

  #nodesOf(partition: number): ReadonlySet<string> {
    return this.#partitions.get(partition) ?? new Set();
  }

  #push(node: string, step: CourseStep, partition: number): void {
    const steps = this.#steps.get(node) ?? [];
    this.#steps.set(node, steps);
    steps.push(step);
    const nodes = this.#partitions.get(partition) ?? new Set();
    this.#partitions.set(partition, nodes);
    nodes.add(node);
  }
}

/** The last look before the epoch was seen, where it showed that none had begun. */
function foundBefore(own: readonly Observation[], epoch: string): Dump | null {
  const begins = own.findIndex((one) => (one.kind === "entry" ? one.epoch : one.version?.epoch) === epoch);
  const last = own[begins - 1];
  return last !== undefined && last.kind === "dump" && last.version === null ? last : null;
}
