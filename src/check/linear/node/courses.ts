/** The course of every node through the versions of its partition, as the feed tells it. Positions are those of placed-calls.ts, over all epochs. */
import type { Version } from "../../history.ts";
import type { Dump, DumpedNode, Entry, Observation } from "../../observed/observation.ts";
import { NodeCourse } from "./course.ts";
import { heldAfter, type Moment, takenOver } from "./moment.ts";

/** More than any sequence: so positions of a later epoch are beyond all of the one before, and stay exact. */
const epochSpan = 2 ** 41;

/** A change that cannot be, given the changes before it. */
export interface ImpossibleChange {
  readonly entry: Entry;
  readonly before: Moment;
  readonly why: string;
}

export interface KnownEpoch {
  readonly partition: number;
  /** Position 0 of its versions. */
  readonly start: number;
  /** The last sequence that was observed. */
  readonly last: number;
  /** Counts the servers: another one when the data were taken over by one that had not all of them. */
  readonly era: number;
}

interface Followed {
  /** Of the partition. */
  readonly nodes: Set<string>;
  readonly shown: ReadonlyMap<string, DumpedNode>;
}

/** What was observed of one epoch. */
interface SeenEpoch {
  readonly entries: Entry[];
  readonly dumps: Dump[];
  /** What was observed just before it; undefined: nothing. */
  readonly before: Observation | undefined;
}

/** What was observed of one partition. */
interface SeenPartition {
  /** By name, in the order in which they were first seen. */
  readonly epochs: Map<string, SeenEpoch>;
  /** Those that a look at another server showed as left. */
  readonly left: Set<string>;
  /** The epoch that was seen last, and what was. */
  name: string | undefined;
  epoch: SeenEpoch | undefined;
  last: Observation | undefined;
}

export class Courses {
  readonly impossible: ImpossibleChange[] = [];
  readonly #courses = new Map<string, NodeCourse>();
  readonly #epochs = new Map<string, KnownEpoch>();
  #hasSeveralEras = false;
  /** What was asked for last is mostly asked for again. */
  #lastName: string | null = null;
  #lastEpoch: KnownEpoch | null = null;

  /** @param isReplaced whether two servers may have answered at a time, so that an epoch may go on after the next one began */
  constructor(observations: readonly Observation[], isReplaced: boolean) {
    const partitions = [...seenIn(observations)].sort(([a], [b]) => a - b);
    for (const [partition, seen] of partitions) this.#read(partition, seen, isReplaced);
  }

  /** Whether two servers may have answered at a time. */
  get hasSeveralEras(): boolean {
    return this.#hasSeveralEras;
  }

  get nodes(): Iterable<string> {
    return this.#courses.keys();
  }

  /** Empty where nobody saw the node. */
  of(node: string): NodeCourse {
    return this.#courses.get(node) ?? new NodeCourse();
  }

  /** null: nobody saw this epoch. */
  epochOf({ epoch }: Version): KnownEpoch | null {
    if (epoch !== this.#lastName) {
      this.#lastName = epoch;
      this.#lastEpoch = this.#epochs.get(epoch) ?? null;
    }
    return this.#lastEpoch;
  }

  /** What the node was after the change of that version, whether that was one of its own or not. */
  momentAt(node: string, version: Version): Moment | null {
    const epoch = this.epochOf(version);
    if (epoch === null) return null;
    if (version.sequence > epoch.last) return "unseen";
    const course = this.of(node);
    return course.moment(course.stepAt(positionIn(epoch, version)));
  }

  #read(partition: number, { epochs, left }: SeenPartition, isReplaced: boolean): void {
    const nodes = new Set<string>();
    let order = 0;
    let era = 0;
    let earlier: string | null = null;
    for (const [name, seen] of epochs) {
      if (earlier !== null && (isReplaced || left.has(earlier))) era += 1;
      const epoch = { partition, start: order * epochSpan, last: lastOf(seen), era };
      this.#epochs.set(name, epoch);
      this.#hasSeveralEras ||= era > 0;
      const shown = this.#begin(name, epoch, seen, nodes);
      this.#follow(epoch, seen.entries, { nodes, shown });
      order += 1;
      earlier = name;
    }
  }

  /**
   * What the epoch found: the records that the first look at it shows with an older version have not been changed since.
   * @returns by name, the nodes of which that look shows what they were after the last change before it, though not before that
   */
  #begin(
    name: string,
    { start }: KnownEpoch,
    { before, dumps, entries }: SeenEpoch,
    nodes: Set<string>,
  ): ReadonlyMap<string, DumpedNode> {
    const shown = new Map<string, DumpedNode>();
    const [first] = dumps;
    // The last look before the epoch was seen, where it showed that none had begun.
    const isEarlier = before !== undefined && before.kind === "dump" && before.version === null;
    const base = isEarlier ? before : first;
    const seenFrom = isEarlier ? 0 : (first?.version?.sequence ?? Number.POSITIVE_INFINITY);
    const found = new Map((base?.nodes ?? []).map((node) => [node.content.node, node]));
    const changedUnseen = new Set<string>();
    for (const entry of entries) if (entry.sequence <= seenFrom) changedUnseen.add(entry.change.node);
    for (const node of [...found.keys(), ...changedUnseen]) nodes.add(node);
    for (const node of nodes) {
      const held = found.get(node);
      const course = this.#courseOf(node);
      const isUntouched = held !== undefined && held.content.version.epoch !== name;
      course.book.beginEpoch(isUntouched ? held.jobs : []);
      const isUnseen = changedUnseen.has(node) || base === undefined;
      if (isUntouched) course.begin(start, takenOver(held.content), held.content.version);
      else course.begin(start, isUnseen ? "unseen" : "absent", null);
      if (isUnseen && held !== undefined && !isUntouched) shown.set(node, held);
    }
    return shown;
  }

  #follow({ start }: KnownEpoch, entries: readonly Entry[], { nodes, shown }: Followed): void {
    let expected = 1;
    let isWhole = true;
    for (const entry of entries) {
      const { change, sequence } = entry;
      // Changes are missing: of no node is it known any longer what it was.
      if (sequence > expected) {
        isWhole = false;
        for (const node of nodes) this.#courseOf(node).begin(start + 2 * expected, "unseen", null);
      }
      expected = sequence + 1;
      const course = this.#courseOf(change.node);
      if (course.size === 0) nodes.add(change.node);
      const after = heldAfter(course.held(course.size - 1), entry, course.book);
      const isImpossible = typeof after !== "string" && "why" in after;
      if (isImpossible) this.impossible.push({ entry, before: course.moment(course.size - 1), why: after.why });
      const seen = isWhole && after === "unseen" ? shown.get(change.node) : undefined;
      const isShown = seen?.content.version.sequence === sequence;
      if (isShown) course.book.find(seen.jobs);
      course.change(start + 2 * sequence, isShown ? takenOver(seen.content) : isImpossible ? "unseen" : after, entry);
    }
  }

  #courseOf(node: string): NodeCourse {
    const known = this.#courses.get(node);
    if (known !== undefined) return known;
    const course = new NodeCourse();
    this.#courses.set(node, course);
    return course;
  }
}

/** Of the change itself; one more is the state after it. */
export function positionIn({ start }: KnownEpoch, { sequence }: Version): number {
  return start + 2 * sequence;
}

/** In one pass: each look at so many is a wait for memory. */
function seenIn(observations: readonly Observation[]): ReadonlyMap<number, SeenPartition> {
  const partitions = new Map<number, SeenPartition>();
  for (const one of observations) {
    let partition = partitions.get(one.partition);
    if (partition === undefined) {
      partition = { epochs: new Map(), left: new Set(), name: undefined, epoch: undefined, last: undefined };
      partitions.set(one.partition, partition);
    }
    see(partition, one);
  }
  return partitions;
}

function see(partition: SeenPartition, one: Observation): void {
  const name = one.kind === "entry" ? one.epoch : one.version?.epoch;
  if (name !== undefined && (name !== partition.name || partition.epoch === undefined)) {
    partition.name = name;
    partition.epoch = partition.epochs.get(name) ?? { entries: [], dumps: [], before: partition.last };
    partition.epochs.set(name, partition.epoch);
  }
  if (one.kind === "dump" && one.left !== undefined) partition.left.add(one.left.epoch);
  if (name !== undefined && one.kind === "entry") partition.epoch?.entries.push(one);
  if (name !== undefined && one.kind === "dump") partition.epoch?.dumps.push(one);
  partition.last = one;
}

function lastOf({ dumps, entries }: SeenEpoch): number {
  let last = Math.max(0, entries.at(-1)?.sequence ?? 0);
  for (const { version } of dumps) last = Math.max(last, version?.sequence ?? 0);
  return last;
}
