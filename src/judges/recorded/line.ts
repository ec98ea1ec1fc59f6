/** One epoch of a recorded run, as the observer saw it: worked out from its feed by src/check/observed/replay.ts. */
import type { Millis, NodeContent, Version } from "../../check/history.ts";
import type { Entry } from "../../check/observed/observation.ts";
import type { ReplayedEpoch, ReplayedNode, ReplayStep } from "../../check/observed/replay.ts";
import type { ChangeKind, EpochLine, HeldNode, LineEntry, Places } from "../truth.ts";

export class RecordedNode implements HeldNode {
  readonly content: NodeContent;

  constructor(content: NodeContent) {
    this.content = content;
  }

  get status(): string {
    return this.content.status;
  }
  get incarnation(): string {
    return this.content.incarnation;
  }
  get version(): Version {
    return this.content.version;
  }
  get maxJobs(): number {
    return this.content.max_jobs;
  }
  get currentJobs(): number {
    return this.content.current_jobs;
  }
  get healthMilli(): number {
    return this.content.health_milli;
  }
  get finished(): number | undefined {
    return this.content.finished;
  }
  get pools(): readonly string[] {
    return this.content.pools;
  }
  get languages(): NodeContent["languages"] {
    return this.content.languages;
  }
  get services(): readonly string[] {
    return this.content.services;
  }
}

class RecordedEntry implements LineEntry {
  readonly step: ReplayStep;
  readonly since: Millis;

  constructor(step: ReplayStep, since: Millis) {
    this.step = step;
    this.since = since;
  }

  get sequence(): number {
    return this.step.entry.sequence;
  }
  get at(): Millis {
    return this.step.entry.at;
  }
  get node(): string {
    return this.#change.node;
  }
  get kind(): ChangeKind {
    return this.#change.kind;
  }
  get job(): string | null {
    return "job" in this.#change ? this.#change.job : null;
  }
  get lapsed(): readonly string[] {
    return this.#change.kind === "lapsed" ? this.#change.jobs : [];
  }
  /** A new incarnation of a node that was not known ends no places. */
  get orphaned(): readonly string[] | undefined {
    if (this.kind === "lapsed") return this.lapsed;
    if (this.kind !== "registered" && this.kind !== "offline" && this.kind !== "expired") return [];
    if (this.step.before !== null) return [...this.step.before.jobs];
    return this.kind === "registered" ? [] : undefined;
  }
  get announced(): readonly string[] | undefined {
    return "orphaned" in this.#change && this.step.before !== null ? this.#change.orphaned : undefined;
  }
  /** The server's own time of a change is not observed. */
  get lease(): null | undefined {
    return this.kind === "reserved" ? undefined : null;
  }
  get count(): number | null {
    return "current_jobs" in this.#change ? this.#change.current_jobs : null;
  }
  get record(): HeldNode | null | undefined {
    const { after } = this.step;
    if (after !== null) return new RecordedNode(after.content);
    return this.kind === "removed" ? null : undefined;
  }
  get before(): HeldNode | null {
    const { before } = this.step;
    return before && new RecordedNode(before.content);
  }
  get places(): Places | undefined {
    if (this.step.after !== null) return this.step.after.jobs;
    return this.kind === "removed" ? new Set() : undefined;
  }

  /** The observer reads changes, not the requests that made them. */
  get request(): undefined {
    return undefined;
  }

  get #change(): Entry["change"] {
    return this.step.entry.change;
  }
}

interface Hole {
  readonly first: number;
  readonly last: number;
}

function holesIn(entries: readonly RecordedEntry[], from: number): readonly Hole[] {
  const holes: Hole[] = [];
  let next = from + 1;
  for (const { sequence } of entries) {
    if (sequence > next) holes.push({ first: next, last: sequence - 1 });
    next = sequence + 1;
  }
  return [...holes, { first: next, last: Number.POSITIVE_INFINITY }];
}

/** Whether the change says all that is known of its node after it. */
function showsAll({ kind }: RecordedEntry): boolean {
  return kind === "registered" || kind === "removed";
}

interface Beginning {
  readonly begunAt: Millis;
  readonly begunSince: Millis;
  /** From when on a change may have been made. */
  readonly sinceOf: (entry: Entry) => Millis;
  readonly server: number;
  readonly follows: Version | null | undefined;
  /** Whether the job had been completed on the node in an epoch before. */
  readonly wasFinished: (node: string, job: string) => boolean;
}

export class RecordedLine implements EpochLine {
  readonly epoch: string;
  readonly partition: number;
  readonly order: number;
  readonly begunAt: Millis;
  readonly begunSince: Millis;
  readonly server: number;
  readonly last: number;
  readonly follows: Version | null | undefined;
  readonly base: ReadonlyMap<string, HeldNode>;
  readonly #found: ReadonlyMap<string, ReplayedNode>;
  readonly #entries: ReadonlyMap<number, RecordedEntry>;
  readonly #byNode: ReadonlyMap<string, readonly RecordedEntry[]>;
  /** Ranges of changes that were not seen, in order, both ends included; the last is all after those seen. */
  readonly #holes: readonly Hole[];
  /** Node -> the sequences of the changes that show all of it. */
  readonly #whole: ReadonlyMap<string, readonly number[]>;
  readonly #from: number;
  readonly #seenFrom: number;
  readonly #wasFinished: Beginning["wasFinished"];

  constructor(replayed: ReplayedEpoch, { begunAt, begunSince, follows, server, sinceOf, wasFinished }: Beginning) {
    this.#wasFinished = wasFinished;
    const { base, epoch, from, last, order, partition, seenFrom, steps } = replayed;
    this.#from = from;
    this.#seenFrom = seenFrom;
    this.server = server;
    this.epoch = epoch;
    this.partition = partition;
    this.order = order;
    this.begunAt = begunAt;
    this.begunSince = begunSince;
    this.last = last;
    this.follows = follows;
    this.#found = base;
    this.base = new Map([...base].map(([node, { content }]) => [node, new RecordedNode(content)]));
    const entries = steps.map((step) => new RecordedEntry(step, sinceOf(step.entry)));
    this.#entries = new Map(entries.map((entry) => [entry.sequence, entry]));
    this.#byNode = Map.groupBy(entries, ({ node }) => node);
    this.#holes = holesIn(entries, from);
    const whole = Map.groupBy(entries.filter(showsAll), ({ node }) => node);
    this.#whole = new Map([...whole].map(([node, own]) => [node, own.map(({ sequence }) => sequence)]));
  }

  get nodes(): Iterable<string> {
    return new Set([...this.base.keys(), ...this.#byNode.keys()]);
  }

  entry(sequence: number): LineEntry | undefined {
    return this.#entries.get(sequence);
  }

  /** From the first look on, or from a change on that shows all of the node. */
  knownFrom(node: string): number {
    if (this.#seenFrom === 0) return 0;
    const own = this.#byNode.get(node) ?? [];
    const first = own[0]?.sequence ?? Number.POSITIVE_INFINITY;
    if (first > this.#seenFrom) return 0;
    const whole = this.#whole.get(node)?.[0];
    const seen =
      this.#seenFrom === Number.POSITIVE_INFINITY ? undefined : own[this.#firstAfter(node, this.#seenFrom) - 1];
    return Math.min(whole ?? Number.POSITIVE_INFINITY, seen?.sequence ?? Number.POSITIVE_INFINITY);
  }

  next(node: string, after: number): LineEntry | undefined {
    return this.#byNode.get(node)?.[this.#firstAfter(node, after)];
  }

  at(node: string, sequence: number): HeldNode | null | undefined {
    if (this.#isHidden(node, sequence)) return undefined;
    const own = this.#byNode.get(node);
    const last = own?.[this.#firstAfter(node, sequence) - 1];
    if (last !== undefined) return last.record;
    const found = this.base.get(node);
    // A node that was changed before the first look at the epoch was as its first change found it.
    const first = found === undefined ? own?.[0] : undefined;
    return found ?? (first?.kind === "registered" ? null : (first?.before ?? null));
  }

  holds(node: string, job: string, sequence: number): boolean | undefined {
    if (this.#isHidden(node, sequence)) return undefined;
    const last = this.#byNode.get(node)?.[this.#firstAfter(node, sequence) - 1];
    if (last === undefined) return this.places(node, sequence)?.has(job) === true;
    return last.places?.has(job);
  }

  /** Places that a new epoch found, and changed before the observer looked, are those that the former one left. */
  places(node: string, sequence: number): Places | undefined {
    if (this.#isHidden(node, sequence)) return undefined;
    const own = this.#byNode.get(node) ?? [];
    const last = own[this.#firstAfter(node, sequence) - 1];
    if (last !== undefined) return last.places;
    return (own[0]?.step.before ?? this.#found.get(node))?.jobs;
  }

  finished(node: string, job: string, sequence: number): boolean {
    const at = this.finishedAt(node, job, sequence);
    return at === undefined ? this.#wasFinished(node, job) : at !== null;
  }

  /** The latest completion by a sequence; null: what the node had finished has gone with it since; undefined: the epoch shows neither. */
  finishedAt(node: string, job: string, sequence = this.last): number | null | undefined {
    const own = this.#byNode.get(node) ?? [];
    for (let index = this.#firstAfter(node, sequence) - 1; index >= 0; index -= 1) {
      const entry = own[index];
      if (entry?.kind === "completed" && entry.job === job) return entry.sequence;
      if (entry?.kind === "removed") return null;
    }
    return undefined;
  }

  *since(node: string, at: Millis): Generator<LineEntry> {
    const own = this.#byNode.get(node) ?? [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const entry = own[index] as RecordedEntry;
      if (entry.at < at) return;
      yield entry;
    }
  }

  /** Whether a change that was not seen may have made the node another: none has shown all of it since. */
  #isHidden(node: string, sequence: number): boolean {
    if (sequence > 0 && sequence < this.#from) return true;
    const hole = this.#holes.findLast(({ first }) => first <= sequence);
    if (hole === undefined) return false;
    const whole = this.#whole.get(node)?.findLast((one) => one <= sequence) ?? 0;
    return whole <= hole.last;
  }

  /** The index of the node's first change whose sequence is above. */
  #firstAfter(node: string, sequence: number): number {
    const own = this.#byNode.get(node) ?? [];
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((own[middle]?.sequence ?? 0) > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
